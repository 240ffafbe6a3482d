// A file that is there whole or not at all.

import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ProblemCode } from '../kernel/problem.ts'
import { problem, ProblemError } from '../kernel/problem.ts'

/**
 * Lets `fill` write and end a new file beside `file`, flushes it to the disk, and renames it over `file`, so that nobody ever
 * sees a part. If `fill` throws, nothing is left and an older `file` stays as it was. Throws what `fill` throws, or
 * `store.full` or `store.unavailable` when the file system refuses.
 *
 * @param attempt a name that only attempts at the same file have, one at a time: what an earlier one has left, when the process
 *   was killed, is removed by the next
 */
export async function writeFileWhole<Out>(
  file: string,
  fill: (writable: Writable) => Promise<Out>,
  attempt?: string,
): Promise<Out> {
  // A directory of its own, because mkdtemp finds a free name and only on the same file system a rename is atomic.
  const making = attempt === undefined ? mkdtemp(`${file}.part-`) : madeAnew(`${file}.part-${attempt}`)
  const directory = await making.catch((error: unknown) => {
    throw diskProblem(file, error)
  })
  const temporary = join(directory, 'data')
  const writable = createWriteStream(temporary, { flags: 'wx', flush: true })
  let failed: unknown = null
  writable.on('error', (error) => (failed = error))
  try {
    const result = await fill(writable)
    await rename(temporary, file)
    return result
  } catch (error) {
    const isOfDisk = failed !== null || (error instanceof Error && 'syscall' in error)
    throw isOfDisk ? diskProblem(file, failed ?? error) : error
  } finally {
    writable.destroy()
    await finished(writable).catch(() => undefined)
    await rm(directory, { recursive: true, force: true })
  }
}

async function madeAnew(directory: string): Promise<string> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { mode: 0o700 })
  return directory
}

function diskProblem(file: string, cause: unknown): ProblemError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  const code: ProblemCode = reason === 'ENOSPC' || reason === 'EDQUOT' ? 'store.full' : 'store.unavailable'
  return new ProblemError(problem(code, `${file} cannot be written: ${reason}`), { cause })
}
