// Files and directories as sources: finds the one file that is meant, without ever leaving the root.

import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, realpath } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { select } from '../domain/delivery/conditions.ts'
import type { FileSource } from '../domain/delivery/data-source.ts'
import { orThrow } from '../kernel/problem.ts'
import { fileBody } from './file-body.ts'
import type { FileDigests } from './file-digests.ts'
import { fileEtag } from './file-key.ts'
import type { OpenedSource, SourceRequest } from './opened-source.ts'
import { conditionsOf, DEFAULT_MEDIA_TYPE, sourceProblem } from './opened-source.ts'
import { readRestPath } from './rest-path.ts'

export interface FilePorts {
  /** The directory below which relative paths of sources lie; absent: such sources are refused. */
  readonly filesRoot?: string
  readonly fileDigests: FileDigests
}

// NONBLOCK, so that opening a named pipe returns at once and is refused below; NOFOLLOW, because the path was resolved before.
const READ_ONLY = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/**
 * Opens the file that source and rest path mean. Throws `request.malformed` (a rest path that could climb), `source.query`,
 * `source.method` (a file takes GET and HEAD), `source.unknown` (no such file, a directory, a link that leaves the root) and
 * `source.unavailable` (any other I/O error).
 */
export async function openFileSource(
  source: FileSource,
  request: SourceRequest,
  { filesRoot, fileDigests }: FilePorts,
): Promise<OpenedSource> {
  const segments = orThrow(readRestPath(request.rest))
  if (request.method === 'POST') throw sourceProblem('source.method', 'this data takes no POST')
  if (request.query !== '') throw sourceProblem('source.query', 'this data takes no query')

  const path = await resolve(source, segments, filesRoot).catch(rethrow)
  const { handle, stats } = await openFile(path).catch(rethrow)
  const [size, etag] = [Number(stats.size), fileEtag(stats)]
  const { answer, part } = select(conditionsOf(request), etag, size)
  const isRead = answer === 'data' && request.method === 'GET'
  if (!isRead) await handle.close()
  const { body, recycle } = isRead
    ? fileBody(handle, stats, part)
    : { body: Readable.from([]), recycle: () => undefined }

  return {
    answer,
    mediaType: source.mediaType ?? DEFAULT_MEDIA_TYPE,
    size,
    part,
    etag,
    lastModified: stats.mtime.toUTCString(),
    takesRanges: true,
    digest: fileDigests.peek(stats),
    body,
    recycle,
    learn: (digest) => fileDigests.keep(stats, digest),
    close: () => closed(body),
  }
}

/** The file that a source without rest path means, for whoever computes its digest beforehand; null where there is none. */
export async function fileOf(source: FileSource, filesRoot: string | undefined): Promise<string | null> {
  return resolve(source, [], filesRoot).catch(() => null)
}

/** The real path of the file, inside the real path of the root. */
async function resolve(
  source: FileSource,
  segments: readonly string[],
  filesRoot: string | undefined,
): Promise<string> {
  const root = isAbsolute(source.path) ? await realpath(source.path) : await beneath(filesRoot, source.path)
  if (segments.length === 0) return root

  // A file is no directory, so with segments below it this gives ENOTDIR: 404.
  const path = await realpath(join(root, ...segments))
  mustBeInside(path, root)
  return path
}

async function beneath(filesRoot: string | undefined, path: string): Promise<string> {
  if (filesRoot === undefined) {
    throw sourceProblem('source.unavailable', 'the source is relative, and data.filesDir is not set')
  }
  const root = await realpath(join(filesRoot, path))
  mustBeInside(root, await realpath(filesRoot))
  return root
}

function mustBeInside(path: string, root: string): void {
  const prefix = root.endsWith(sep) ? root : root + sep
  if (!path.startsWith(prefix)) throw sourceProblem('source.unknown', 'no such file')
}

async function openFile(path: string): Promise<{ handle: FileHandle; stats: BigIntStats }> {
  const handle = await open(path, READ_ONLY)
  try {
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile())
      throw sourceProblem('source.unknown', 'expected the path of one file: a directory is not listed')
    return { handle, stats }
  } catch (error) {
    await handle.close()
    throw error
  }
}

// The path cannot be: nothing there, a file where a directory is needed, a link in place of the file, a name too long.
const UNKNOWN: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']

function rethrow(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code !== 'string') throw error
  if (UNKNOWN.includes(code)) throw sourceProblem('source.unknown', 'no such file', error)
  throw sourceProblem('source.unavailable', `the file cannot be read: ${code}`, error)
}

async function closed(body: Readable): Promise<void> {
  if (body.closed) return
  const end = finished(body, { writable: false }).catch(() => undefined)
  body.destroy()
  await end
}
