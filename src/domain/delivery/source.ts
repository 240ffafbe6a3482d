// What an administrator may write as a source, and what is refused.

import { nearest } from '../../kernel/nearest.ts'
import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import type { DataSource, Members, Typed } from './data-source.ts'
import { readHttpSource, takesMethod } from './http-source.ts'
import { readS3Source } from './s3-source.ts'

export type { DataSource, FileSource, HttpSource, S3Source, SourceMethod } from './data-source.ts'

/** How long a path may be, in UTF-16 code units. */
const PATH_LENGTH_MAX = 4_096

const MEDIA_TYPE =
  /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:; ?[\w!#$&^.+-]{1,64}=(?:[\w!#$&^.+-]{1,64}|"[^"\\\p{Cc}]{0,64}"))*$/u

const KEYS = {
  file: ['type', 'path', 'mediaType'],
  http: ['type', 'url', 'headers', 'mediaType', 'paths', 'query', 'methods'],
  s3: [
    ...['type', 'endpoint', 'region', 'bucket', 'key', 'prefix', 'accessKeyId', 'secretAccessKey', 'pathStyle'],
    'mediaType',
  ],
} as const

const READERS = { file: readFileSource, http: readHttpSource, s3: readS3Source } as const

/**
 * The source that an administrator wrote, or what is wrong with it (`request.malformed`, with the member as path).
 * Refused: other types, unknown members, a path with `.`, `..`, empty segments or control characters, a URL that is not
 * http or https or that carries a user name (it would be logged; credentials belong into `headers`).
 */
export function readDataSource(raw: unknown): Result<DataSource> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return wrong('a source is an object', '')
  const members = raw as Members
  const type = members['type']
  if (type !== 'file' && type !== 'http' && type !== 's3') return wrong("expected 'file', 'http' or 's3'", 'type')

  const keys: readonly string[] = KEYS[type]
  for (const key of Object.keys(members)) {
    if (keys.includes(key)) continue
    const meant = nearest(key, keys)
    return wrong(`unknown member${meant === undefined ? '' : `; did you mean '${meant}'?`}`, key)
  }
  const mediaType = members['mediaType']
  if (mediaType !== undefined && (typeof mediaType !== 'string' || !isMediaType(mediaType))) {
    return wrong('expected a media type such as text/csv', 'mediaType')
  }
  return READERS[type](members, mediaType === undefined ? {} : { mediaType })
}

/** Whether the source is one thing that we can send without being asked for a part of it; null is served by others. */
export function canBePushed(source: DataSource | null): boolean {
  if (source === null) return false
  switch (source.type) {
    case 'file':
      // Whether it is a directory shows when it is read.
      return true
    case 'http':
      return takesMethod(source, 'GET')
    case 's3':
      return source.key !== undefined
  }
}

/** Whether the text can stand in a Content-Type field, whatever it came from. */
export function isMediaType(text: string): boolean {
  return MEDIA_TYPE.test(text)
}

function readFileSource({ path }: Members, typed: Typed): Result<DataSource> {
  if (typeof path !== 'string' || path === '') return wrong('expected the path of a file or directory', 'path')
  if (path.length > PATH_LENGTH_MAX) return wrong(`longer than ${PATH_LENGTH_MAX} characters`, 'path')
  if (/\p{Cc}/u.test(path)) return wrong('a path holds no control characters', 'path')

  const trimmed = path.replace(/(?<=[^/])\/$/, '')
  const segments = (trimmed.startsWith('/') ? trimmed.slice(1) : trimmed).split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return wrong("expected a path without empty, '.' or '..' segments", 'path')
  }
  return good({ type: 'file', path: trimmed, ...typed })
}

function wrong(message: string, path: string): ReturnType<typeof bad> {
  return bad('request.malformed', message, path)
}
