// The policies folder from the disk, as it was at one moment: read again where somebody was still writing to it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOfFiles } from './generation-content.ts'
import { inBatches, isMissing, listPolicyFiles, refusal } from './list-policy-files.ts'
import type { PolicyFile } from './source.ts'

const READINGS_MAX = 4

/**
 * Every policy file below the folder, in the order of the paths. A file that came, went or was written while the others were
 * read makes all of them be read again: half of one edit and half of the next was never meant. Refuses (`config.invalid`) what
 * `listPolicyFiles` refuses, and a folder that does not come to rest.
 */
export async function readPolicyFiles(folder: string): Promise<readonly PolicyFile[]> {
  let last: string | null = null
  for (let reading = 1; reading <= READINGS_MAX; reading += 1) {
    const before = await listPolicyFiles(folder)
    const files = await readAll(folder, before.files)
    if (files === null) continue
    if ((await listPolicyFiles(folder)).print === before.print) return files
    // Where times of files mean nothing, as on some mounts, the texts themselves say whether it is at rest.
    const digest = digestOfFiles(files)
    if (digest === last) return files
    last = digest
  }
  throw refusal('the policies folder changed each time that it was read')
}

/** Null where one of them went away meanwhile. */
async function readAll(folder: string, paths: readonly string[]): Promise<readonly PolicyFile[] | null> {
  const read = await inBatches(paths, (path) => textOf(folder, path))
  const files = read.flatMap(({ path, result: text }) => (text === null ? [] : [{ path, text }]))
  return files.length === read.length ? files : null
}

async function textOf(folder: string, path: string): Promise<string | null> {
  try {
    return await readFile(join(folder, path), 'utf8')
  } catch (cause) {
    if (isMissing(cause)) return null
    throw refusal(`a policy file cannot be read: ${path}`, cause)
  }
}
