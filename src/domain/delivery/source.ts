// Where the bytes of a dataset come from: what an administrator may write as a source, and what is refused.

import { nearest } from '../../kernel/nearest.ts'
import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'

/** A file, or a directory whose files are reached by the rest of the path. Relative to the `files` root unless absolute. */
export interface FileSource {
  readonly type: 'file'
  readonly path: string
  readonly mediaType?: string
}

/** A URL. `headers` are sent with every call; `paths` and `query` let the consumer's own be appended. */
export interface HttpSource {
  readonly type: 'http'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly mediaType?: string
  readonly paths?: boolean
  readonly query?: boolean
}

export type DataSource = FileSource | HttpSource

/** Bounds of what a source may say: lengths in UTF-16 code units, the rest in entries. */
const PATH_LENGTH_MAX = 4_096
export const URL_LENGTH_MAX = 2_048
const HEADERS_MAX = 20
const HEADER_LENGTH_MAX = 8_192

const MEDIA_TYPE =
  /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:; ?[\w!#$&^.+-]{1,64}=(?:[\w!#$&^.+-]{1,64}|"[^"\\\p{Cc}]{0,64}"))*$/u
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/
const HEADER_VALUE = /^[\x20-\x7e\t]*$/

// Headers that belong to the connection or to this call: a fixed value of them would break the answer or misread it.
// prettier-ignore
const HEADERS_RESERVED: ReadonlySet<string> = new Set([
  'host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'upgrade', 'te', 'trailer', 'expect',
  'accept-encoding', 'range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since',
])

const KEYS = {
  file: ['type', 'path', 'mediaType'],
  http: ['type', 'url', 'headers', 'mediaType', 'paths', 'query'],
} as const

type Members = Readonly<Record<string, unknown>>

/**
 * The source that an administrator wrote, or what is wrong with it (`request.malformed`, with the member as path).
 * Refused: other types, unknown members, a path with `.`, `..`, empty segments or control characters, a URL that is not
 * http or https or that carries a user name (it would be logged; credentials belong into `headers`).
 */
export function readDataSource(raw: unknown): Result<DataSource> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return wrong('a source is an object', '')
  const members = raw as Members
  const type = members['type']
  if (type !== 'file' && type !== 'http') return wrong("expected 'file' or 'http'", 'type')

  const keys: readonly string[] = KEYS[type]
  for (const key of Object.keys(members)) {
    if (keys.includes(key)) continue
    const meant = nearest(key, keys)
    return wrong(`unknown member${meant === undefined ? '' : `; did you mean '${meant}'?`}`, key)
  }
  const mediaType = members['mediaType']
  if (mediaType !== undefined && (typeof mediaType !== 'string' || !MEDIA_TYPE.test(mediaType))) {
    return wrong('expected a media type such as text/csv', 'mediaType')
  }
  const typed = mediaType === undefined ? {} : { mediaType }
  return type === 'file' ? fileSource(members, typed) : httpSource(members, typed)
}

function fileSource({ path }: Members, typed: { mediaType?: string }): Result<DataSource> {
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

function httpSource({ url, headers, paths, query }: Members, typed: { mediaType?: string }): Result<DataSource> {
  if (typeof url !== 'string' || url.length > URL_LENGTH_MAX || !URL.canParse(url)) {
    return wrong(`expected a URL of at most ${URL_LENGTH_MAX} characters`, 'url')
  }
  const { protocol, username, password, hash } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return wrong(`expected http or https, got ${protocol}`, 'url')
  if (username !== '' || password !== '') return wrong('credentials belong into headers, not into the URL', 'url')
  if (hash !== '') return wrong('a fragment is never sent', 'url')
  if (paths !== undefined && typeof paths !== 'boolean') return wrong('expected true or false', 'paths')
  if (query !== undefined && typeof query !== 'boolean') return wrong('expected true or false', 'query')

  const read = headers === undefined ? good(undefined) : readHeaders(headers)
  if (!read.ok) return read
  return good({
    type: 'http',
    url,
    ...(read.value !== undefined && { headers: read.value }),
    ...typed,
    ...(paths !== undefined && { paths }),
    ...(query !== undefined && { query }),
  })
}

function readHeaders(raw: unknown): Result<Readonly<Record<string, string>>> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return wrong('expected names and values', 'headers')
  const entries: readonly (readonly [string, unknown])[] = Object.entries(raw)
  if (entries.length > HEADERS_MAX) return wrong(`more than ${HEADERS_MAX} headers`, 'headers')

  const headers = new Map<string, string>()
  for (const [name, value] of entries) {
    const at = `headers.${name}`
    const key = name.toLowerCase()
    if (!HEADER_NAME.test(name)) return wrong('not the name of a header', at)
    if (HEADERS_RESERVED.has(key)) return wrong('this header is set by the connector', at)
    if (headers.has(key)) return wrong('given twice', at)
    if (typeof value !== 'string' || value.length > HEADER_LENGTH_MAX || !HEADER_VALUE.test(value)) {
      return wrong(`expected at most ${HEADER_LENGTH_MAX} visible ASCII characters`, at)
    }
    headers.set(key, value)
  }
  return good(Object.fromEntries(headers))
}

function wrong(message: string, path: string): ReturnType<typeof bad> {
  return bad('request.malformed', message, path)
}
