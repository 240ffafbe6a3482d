// Where data that is pushed to us is put: written in the same words as a source, and sealed like one.

import { nearest } from '../../kernel/nearest.ts'
import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import type { FileSource, HttpSource, Members, S3Source } from './data-source.ts'
import {
  openSealed,
  sealSource,
  shownSource,
  type OpenSecret,
  type SealedHttpSource,
  type SealedS3Source,
  type SealSecret,
} from './sealed-source.ts'
import { readDataSource } from './source.ts'

/** A file, below `data.sinksDir`. */
export type FileSink = Pick<FileSource, 'type' | 'path'>

/** A URL that takes the data as the body of one call; PUT where no method is given. */
export interface HttpSink extends Pick<HttpSource, 'type' | 'url' | 'headers'> {
  readonly method?: 'PUT' | 'POST'
}

/** One object of an S3-compatible store. */
export interface S3Sink extends Omit<S3Source, 'key' | 'prefix' | 'mediaType'> {
  readonly key: string
}

export type DataSink = FileSink | HttpSink | S3Sink

export type SealedSink =
  | FileSink
  | (Omit<HttpSink, 'headers'> & Pick<SealedHttpSource, 'headers'>)
  | (Omit<S3Sink, 'secretAccessKey'> & Pick<SealedS3Source, 'secretAccessKey'>)

const KEYS = {
  file: ['type', 'path'],
  http: ['type', 'url', 'headers', 'method'],
  s3: ['type', 'endpoint', 'region', 'bucket', 'key', 'accessKeyId', 'secretAccessKey', 'pathStyle'],
} as const

/** The sink that somebody wrote, or what is wrong with it (`request.malformed`, with the member as path). */
export function readDataSink(raw: unknown): Result<DataSink> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return wrong('a sink is an object', '')
  const { method, ...members } = raw as Members
  const { type } = members
  if (type !== 'file' && type !== 'http' && type !== 's3') return wrong("expected 'file', 'http' or 's3'", 'type')

  const keys: readonly string[] = KEYS[type]
  const unknown = Object.keys(raw).find((key) => !keys.includes(key))
  if (unknown !== undefined) {
    const meant = nearest(unknown, keys)
    return wrong(`unknown member${meant === undefined ? '' : `; did you mean '${meant}'?`}`, unknown)
  }
  if (method !== undefined && method !== 'PUT' && method !== 'POST') return wrong("expected 'PUT' or 'POST'", 'method')
  const read = readDataSource(members)
  if (!read.ok) return wrong(read.problem.message, read.problem.path ?? '')
  const sink = read.value
  switch (sink.type) {
    case 'file':
      // What a source may name anywhere, a sink could overwrite anywhere.
      return sink.path.startsWith('/') ? wrong('expected a path below data.sinksDir', 'path') : good(sink)
    case 'http':
      return good({ ...sink, ...(method !== undefined && { method }) })
    case 's3':
      return sink.key === undefined ? wrong('expected the key of one object', 'key') : good({ ...sink, key: sink.key })
  }
}

/** Whether it reaches into our own network with credentials of ours: what only an administrator may say. */
export function isAdministrators({ type }: Pick<DataSink, 'type'>): boolean {
  return type !== 'file'
}

// A sink has the members of the source of its type, as far as secrets go; what it has beside them is carried along.

/** @param owner our pid of the transfer */
export function sealSink(sink: DataSink, owner: string, seal: SealSecret): SealedSink {
  return sealSource(sink, owner, seal) as SealedSink
}

/** The sink as it was given; refuses with `secret.sealed` where any of its secrets cannot be opened. */
export function openSealedSink(sink: SealedSink, owner: string, open: OpenSecret): Result<DataSink> {
  return openSealed(sink, owner, open) as Result<DataSink>
}

/** The sink with a word in place of each secret. */
export function shownSink(sink: SealedSink): object {
  return shownSource(sink)
}

function wrong(message: string, path: string): ReturnType<typeof bad> {
  return bad('request.malformed', message, path === '' ? 'sink' : `sink.${path}`)
}
