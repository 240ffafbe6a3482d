// A file that somebody named on the command line: that it cannot be read is wrong usage, and said without the system's words.

import { open, stat } from 'node:fs/promises'
import { UsageError } from '../outcome.ts'

// prettier-ignore
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  EACCES: 'its permissions forbid it',
  EEXIST: 'what it would lie in is no folder',
  ENOTDIR: 'what it would lie in is no folder',
}

/** Throws a UsageError where it cannot be read. */
export async function bytesOf(path: string): Promise<Buffer> {
  try {
    const file = await open(path)
    try {
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(cause)}`)
  }
}

/** Throws a UsageError where nothing stands there. */
export async function mustBeThere(path: string): Promise<void> {
  await stat(path).catch((cause: unknown) => {
    throw new UsageError(`cannot read ${path}: ${reasonOf(cause)}`)
  })
}

/** Why the system refused, in words. */
export function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause))
}
