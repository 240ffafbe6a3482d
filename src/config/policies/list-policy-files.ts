// Which files below the policies folder count, as they are now, without reading them; and whether anything about them changed.

import type { BigIntStats } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../../kernel/digest.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { POLICY_FILE_CHARS_MAX } from './source.ts'

const FILES_MAX = 10_000
const AT_ONCE = 128
const DEPTH_MAX = 4
/** No character takes more than four bytes in UTF-8. */
const FILE_BYTES_MAX = 4 * POLICY_FILE_CHARS_MAX
/** Of all files together: they are held in memory at once. */
export const FOLDER_BYTES_MAX = 64 * 1024 * 1024

export interface PolicyListing {
  /** Below the folder, with `/`, in the order of the paths. */
  readonly files: readonly string[]
  /** The folder itself (the empty path) and those below it. */
  readonly folders: readonly string[]
  /** Another one whenever a file or folder came, went, was written or was put in another's place, as far as the file system tells. */
  readonly print: string
}

/**
 * Every `*.yaml`, `*.yml`, `*.json` and `*.jsonld` below the folder. Names with a dot in front are left out: Kubernetes keeps
 * the files of a mounted ConfigMap a second time under `..data`. Links are followed, for the same reason. Refuses
 * (`config.invalid`) a folder that is not there, and one that is too large or too deep.
 */
export async function listPolicyFiles(folder: string): Promise<PolicyListing> {
  const listing: Listing = { files: [], folders: [], marks: [], bytes: 0n }
  const root = await statOf(folder, 'the policies folder')
  if (root === null) throw refusal('the policies folder cannot be read: it is not there')
  await collect(folder, '', root, 1, listing)
  const { files, folders, marks } = listing
  return { files: files.toSorted(), folders, print: sha256Hex(marks.toSorted().join('\n')) }
}

interface Listing {
  readonly files: string[]
  readonly folders: string[]
  readonly marks: string[]
  bytes: bigint
}

async function collect(
  folder: string,
  below: string,
  { dev, ino }: BigIntStats,
  depth: number,
  listing: Listing,
): Promise<void> {
  const names = await list(folder, below)
  listing.folders.push(below)
  listing.marks.push(`${below} ${String(dev)} ${String(ino)}`)
  const paths = names.filter((name) => !name.startsWith('.')).map((name) => (below === '' ? name : `${below}/${name}`))
  for (const { path, result: found } of await inBatches(paths, (path) => statOf(join(folder, path), path))) {
    if (found === null) {
      // What stood in the list is gone: whoever reads now reads something else.
      listing.marks.push(`${path} gone`)
    } else if (found.isDirectory()) {
      if (depth >= DEPTH_MAX) throw refusal(`folders nest at most ${String(DEPTH_MAX)} deep: ${path}`)
      await collect(folder, path, found, depth + 1, listing)
    } else if (/\.(?:ya?ml|json|jsonld)$/.test(path)) {
      take(path, found, listing)
    }
  }
}

function take(path: string, found: BigIntStats, listing: Listing): void {
  const { dev, ino, size, mtimeNs, ctimeNs } = found
  if (!found.isFile()) throw refusal(`a policy file is a file; this is none: ${path}`)
  if (size > FILE_BYTES_MAX) throw refusal(`a policy file has at most ${String(FILE_BYTES_MAX)} bytes: ${path}`)
  if (listing.files.length >= FILES_MAX) throw refusal(`at most ${String(FILES_MAX)} policy files`)
  listing.bytes += size
  if (listing.bytes > FOLDER_BYTES_MAX)
    throw refusal(`all policy files together have at most ${String(FOLDER_BYTES_MAX)} bytes`)
  listing.files.push(path)
  listing.marks.push([path, dev, ino, size, mtimeNs, ctimeNs].map(String).join(' '))
}

/** Null where it went away meanwhile. A link that leads nowhere is refused: what it led to was meant to do something. */
async function statOf(at: string, name: string): Promise<BigIntStats | null> {
  try {
    return await stat(at, { bigint: true })
  } catch (cause) {
    if (!isMissing(cause)) throw refusal(`this cannot be read: ${name}`, cause)
    if ((await lstat(at).catch(() => null)) === null) return null
    throw refusal(`this link leads nowhere: ${name}`, cause)
  }
}

async function list(folder: string, below: string): Promise<readonly string[]> {
  try {
    return await readdir(join(folder, below))
  } catch (cause) {
    throw refusal(`the policies folder cannot be read${below === '' ? '' : `, at ${below}`}`, cause)
  }
}

/** Several at a time: one by one, each would wait for a turn of its own behind the requests of others. */
export async function inBatches<T>(
  paths: readonly string[],
  ask: (path: string) => Promise<T>,
): Promise<readonly { readonly path: string; readonly result: T }[]> {
  const found: { readonly path: string; readonly result: T }[] = []
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const batch = paths.slice(from, from + AT_ONCE)
    found.push(...(await Promise.all(batch.map(async (path) => ({ path, result: await ask(path) })))))
  }
  return found
}

export function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

export function refusal(message: string, cause?: unknown): ProblemError {
  return new ProblemError(problem('config.invalid', message, 'policiesDir'), { cause })
}
