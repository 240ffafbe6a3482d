// Puts data that comes to us where it belongs: all of it, or nothing that looks like it.

import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import type { DataSink, FileSink, HttpSink, S3Sink } from '../domain/delivery/sink.ts'
import { objectUrl } from '../domain/delivery/s3-source.ts'
import type { HttpResponse, HttpUploadCall } from '../kernel/http-call.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import { pump } from './pump.ts'
import { signedHeaders } from './s3-source.ts'
import { writeFileWhole } from './whole-file.ts'

export interface SinkPorts {
  /** The directory below which files may be written; absent: no sink may be a file. */
  readonly sinksDir?: string
  /** Calls what an administrator has named: private addresses are allowed, link-local ones are not. */
  readonly upload: HttpUploadCall
  readonly clock: Clock
  /** Until there is a connection, between two pieces that are taken, and from the last one to the answer. */
  readonly timeoutMs: number
  readonly answerBytesMax: number
}

export interface Incoming {
  /** For whom it comes: one delivery at a time, and the next clears away what the one before has left in a crash. */
  readonly owner: string
  /** Throws where what comes is not whole, or not what was announced; then nothing stays. */
  readonly body: AsyncIterable<Uint8Array>
  readonly mediaType: string
  /** In bytes; null where nobody said. */
  readonly size: number | null
  readonly signal: AbortSignal
}

export type FillSink = (sink: DataSink, incoming: Incoming) => Promise<void>

/**
 * Throws what the body throws, `sink.unavailable` (the disk or the other side did not take it, or answered with anything but
 * 2xx), the reason of the signal, and `request.malformed` where a store must know the length beforehand.
 */
export function createFillSink(ports: SinkPorts): FillSink {
  return async (sink, incoming) => {
    switch (sink.type) {
      case 'file':
        return fillFile(sink, incoming, ports)
      case 'http':
        return fillHttp(sink, incoming, ports)
      case 's3':
        return fillS3(sink, incoming, ports)
    }
  }
}

/** Of the digest of the owner, in the name of a directory: enough that no two are the same, and short beside the file's own. */
const ATTEMPT_CHARACTERS = 16

async function fillFile({ path }: FileSink, { owner, body, signal }: Incoming, { sinksDir }: SinkPorts): Promise<void> {
  const file = await fileOf(path, sinksDir)
  const attempt = createHash('sha256').update(owner).digest('hex').slice(0, ATTEMPT_CHARACTERS)
  const fill = async (writable: Writable): Promise<void> => {
    const { outcome, cause } = await pump(Readable.from(body, { objectMode: false }), writable, { signal, hash: false })
    if (outcome === 'complete') return
    throw cause instanceof Error ? cause : new ProblemError(problem('data.cut', 'stopped before the end'))
  }
  await writeFileWhole(file, fill, attempt).catch((error: unknown) => {
    // Which disk, and where on it, is for our log.
    const isOfDisk = error instanceof ProblemError && error.problem.code.startsWith('store.')
    throw isOfDisk ? unavailable('its disk did not take it', error) : error
  })
}

/** The file in its real directory, which must be there: one that a link leads out of the root is refused. */
async function fileOf(path: string, sinksDir: string | undefined): Promise<string> {
  if (sinksDir === undefined) throw unavailable('data.sinksDir is not set')
  try {
    const root = await realpath(sinksDir)
    const directory = await realpath(dirname(join(root, path)))
    if (directory === root || directory.startsWith(root.endsWith(sep) ? root : root + sep))
      return join(directory, basename(path))
  } catch (cause) {
    throw unavailable('its directory is not there', cause)
  }
  throw unavailable('its directory is not below data.sinksDir')
}

async function fillHttp(sink: HttpSink, incoming: Incoming, ports: SinkPorts): Promise<void> {
  const { url, method = 'PUT', headers = {} } = sink
  await send({ url, method, headers: { 'content-type': incoming.mediaType, ...headers } }, incoming, ports)
}

async function fillS3(sink: S3Sink, incoming: Incoming, ports: SinkPorts): Promise<void> {
  if (incoming.size === null)
    throw new ProblemError(problem('request.malformed', 'this store must know the length beforehand', 'Content-Length'))
  const url = orThrow(objectUrl(sink, [])).href
  const signed = await signedHeaders(sink, { method: 'PUT', url }, ports.clock)
  await send({ url, method: 'PUT', headers: { ...signed, 'content-type': incoming.mediaType } }, incoming, ports)
}

async function send(
  target: { readonly url: string; readonly method: 'PUT' | 'POST'; readonly headers: Readonly<Record<string, string>> },
  { body, size, signal }: Incoming,
  { upload, timeoutMs, answerBytesMax }: SinkPorts,
): Promise<void> {
  const headers = { ...target.headers, ...(size !== null && { 'content-length': String(size) }) }
  let ofBody: unknown = null
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* body
    } catch (error) {
      ofBody = error
      throw error
    }
  }
  const request = { ...target, headers, body: watched(), timeoutMs, signal, bodyBytesMax: answerBytesMax }
  const answer = await upload(request).catch((error: unknown) => {
    if (ofBody instanceof Error) throw ofBody
    signal.throwIfAborted()
    throw unavailable('it did not take the data', error)
  })
  if (answer.status < 200 || answer.status >= 300) throw refused(answer)
}

function refused({ status }: HttpResponse): ProblemError {
  return unavailable(`it answered ${String(status)}`)
}

/** The sentence goes to the provider too: it names no path and no URL. */
function unavailable(why: string, cause?: unknown): ProblemError {
  return new ProblemError(problem('sink.unavailable', `the sink cannot take the data: ${why}`), { cause })
}
