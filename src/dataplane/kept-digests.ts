// Digests of files from one start to the next: a file of our own beside the database, of which nothing depends but time.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** A key of file-key.ts, a space, a digest: one line each, the one that was not asked for longest first. */
const LINE = /^(\d+(?::\d+){4}) (sha-256:[0-9a-f]{64})$/

/** What was kept, at most so many of the newest. A file that is missing or damaged is as good as empty. */
export function readKept(file: string, entriesMax: number): readonly (readonly [string, string])[] {
  const lines = textOf(file).split('\n')
  return lines
    .flatMap((line) => {
      const [, key, digest] = LINE.exec(line) ?? []
      return key === undefined || digest === undefined ? [] : [[key, digest] as const]
    })
    .slice(-entriesMax)
}

/** Replaces the file. A disk that refuses costs the next start some hashing, and nothing else. */
export function writeKept(file: string, digests: ReadonlyMap<string, string>): void {
  const lines = [...digests].map(([key, digest]) => `${key} ${digest}\n`)
  try {
    writeFileSync(`${file}.new`, lines.join(''), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  } catch {
    // The digests are still known to this process.
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
