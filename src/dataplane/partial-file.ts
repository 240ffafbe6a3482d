// A file that is downloaded in as many goes as it takes: what a go that was broken off has left is gone on with by the next.

import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  write,
  writeFileSync,
} from 'node:fs'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { HttpStreamCall } from '../kernel/http-call.ts'
import type { ProblemCode } from '../kernel/problem.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { download, type DataEndpoint, type Download, type DownloadOptions } from './download.ts'

export interface FileDownload extends Download {
  /** How many of the bytes an earlier go had left. */
  readonly resumedFrom: number
}

/** Beside a part: of what it is the beginning. */
interface Note {
  /** What was fetched: the parts of two transfers do not belong together. */
  readonly key: string
  readonly etag: string
}

/**
 * Downloads into `<file>.partial` and renames that over `file` when it is whole and its digest is the announced one. A part
 * stays for the next call with the same `key` only where the sender offers to continue it; else nothing is left.
 * Throws what `download` throws, and `data.digest` where no digest was announced or the whole has another one.
 */
export async function downloadToFile(
  call: HttpStreamCall,
  endpoint: DataEndpoint,
  { file, key }: { readonly file: string; readonly key: string },
  options: Omit<DownloadOptions, 'from'>,
): Promise<FileDownload> {
  const [part, note] = [`${file}.partial`, `${file}.partial.json`]
  const left = leftBefore(part, note, key)
  const handle = opened(part, left === null ? 'w' : 'r+')
  let offset = left?.bytes ?? 0
  let isResumable = left !== null
  let broken: unknown = null
  const writable = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      writeWhole(handle, chunk, offset, (error) => {
        offset += chunk.byteLength
        broken = error
        done(error)
      })
    },
  })
  const head = (_mediaType: string, { from, resumable }: { from: number; resumable: string | null }): void => {
    offset = from
    ftruncateSync(handle, from)
    isResumable = resumable !== null
    if (resumable === null) rmSync(note, { force: true })
    else writeFileSync(note, JSON.stringify({ key, etag: resumable } satisfies Note), { mode: 0o600 })
  }

  try {
    const from = left === null ? {} : { from: left }
    const got = await download(call, endpoint, { writable, head }, { ...options, ...from })
    fsyncSync(handle)
    const digest = got.from === 0 ? got.digest : await digestOfFile(part)
    if (got.announcedDigest !== digest) {
      isResumable = false
      const expected = got.announcedDigest ?? 'a digest to be announced'
      throw new ProblemError(
        problem('data.digest', `expected ${expected}, got ${got.announcedDigest === null ? 'none' : digest}`),
      )
    }
    renameSync(part, file)
    rmSync(note, { force: true })
    return { ...got, digest, digestMatches: true, bytes: offset, resumedFrom: got.from }
  } catch (error) {
    throw broken === null ? error : diskProblem(file, broken)
  } finally {
    writable.destroy()
    await finished(writable).catch(() => undefined)
    closeSync(handle)
    if (!isResumable || offset === 0) for (const path of [part, note]) rmSync(path, { force: true })
  }
}

/** The beginning that an earlier go has left; null where there is none of this data. */
function leftBefore(part: string, note: string, key: string): { readonly bytes: number; readonly etag: string } | null {
  if (!existsSync(part) || !existsSync(note)) return null
  try {
    const { key: of, etag } = JSON.parse(readFileSync(note, 'utf8')) as Note
    const bytes = statSync(part).size
    return of === key && bytes > 0 && typeof etag === 'string' ? { bytes, etag } : null
  } catch {
    return null // what cannot be read is as good as not there: everything is fetched
  }
}

function opened(file: string, flags: 'w' | 'r+'): number {
  try {
    return openSync(file, flags)
  } catch (error) {
    throw diskProblem(file, error)
  }
}

/** A write may take less than it is given. */
function writeWhole(handle: number, chunk: Uint8Array, at: number, done: (error: Error | null) => void): void {
  write(handle, chunk, 0, chunk.byteLength, at, (error, written) => {
    if (error !== null || written === chunk.byteLength) done(error)
    else writeWhole(handle, chunk.subarray(written), at + written, done)
  })
}

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array)
  return `sha-256:${hash.digest('hex')}`
}

function diskProblem(file: string, cause: unknown): ProblemError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  const code: ProblemCode = reason === 'ENOSPC' || reason === 'EDQUOT' ? 'store.full' : 'store.unavailable'
  return new ProblemError(problem(code, `${file} cannot be written: ${reason}`), { cause })
}
