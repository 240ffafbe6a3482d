// What an administrator may write as a place in an S3-compatible store, and the URL of an object in it.

import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import { SEALED_SHOWN } from './sealed-source.ts'
import type { Members, S3Source, Typed } from './data-source.ts'

/** Lengths in UTF-16 code units; that of a key in bytes of UTF-8, as S3 has it. */
const URL_LENGTH_MAX = 2_048
const TEXT_LENGTH_MAX = 256
const KEY_BYTES_MAX = 1_024

// Dots are left out although S3 knows them: they do not go with TLS before a host, and are discouraged.
const BUCKET = /^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/
const REGION = /^[a-z0-9-]{1,64}$/
const VISIBLE = /^[!-~]+$/
const REGION_DEFAULT = 'us-east-1'

/** Refuses with `request.malformed` and the member as path. */
export function readS3Source(members: Members, typed: Typed): Result<S3Source> {
  const { endpoint, region = REGION_DEFAULT, bucket, key, prefix, pathStyle = true } = members
  const { accessKeyId, secretAccessKey } = members
  if (typeof endpoint !== 'string' || endpoint.length > URL_LENGTH_MAX || !isOrigin(endpoint))
    return wrong('expected the origin of the store, such as https://s3.example', 'endpoint')
  if (typeof region !== 'string' || !REGION.test(region)) return wrong('expected the name of a region', 'region')
  if (typeof bucket !== 'string' || !BUCKET.test(bucket))
    return wrong('expected 3 to 63 lower-case letters, digits, - and _', 'bucket')
  if ((key === undefined) === (prefix === undefined)) return wrong("expected either 'key' or 'prefix'", 'key')
  if (key !== undefined && !isKey(key)) return wrong(EXPECTED_KEY, 'key')
  if (prefix !== undefined && (typeof prefix !== 'string' || !isKey(prefix.replace(/\/$/, ''))))
    return wrong(EXPECTED_KEY, 'prefix')
  if (!isText(accessKeyId)) return wrong(EXPECTED_TEXT, 'accessKeyId')
  if (secretAccessKey === SEALED_SHOWN)
    return wrong('this stands for the value that was given; give the value itself', 'secretAccessKey')
  if (!isText(secretAccessKey)) return wrong(EXPECTED_TEXT, 'secretAccessKey')
  if (typeof pathStyle !== 'boolean') return wrong('expected true or false', 'pathStyle')
  return good({
    type: 's3',
    endpoint: new URL(endpoint).origin,
    region,
    bucket,
    ...(typeof key === 'string' && { key }),
    ...(typeof prefix === 'string' && { prefix: prefix.endsWith('/') ? prefix : `${prefix}/` }),
    accessKeyId,
    secretAccessKey,
    pathStyle,
    ...typed,
  })
}

const EXPECTED_KEY = `expected a key of at most ${String(KEY_BYTES_MAX)} bytes without empty, '.' or '..' segments`
const EXPECTED_TEXT = `expected 1 to ${String(TEXT_LENGTH_MAX)} visible ASCII characters`

/**
 * The URL of the object that this source and these segments mean, every character that is not unreserved percent-encoded, as
 * the signature wants it. Refuses (`source.path`) segments where the source is one object, and a source of many without any.
 */
export function objectUrl(source: S3Source, segments: readonly string[]): Result<URL> {
  const { endpoint, bucket, key, prefix, pathStyle } = source
  if (key !== undefined && segments.length > 0) return bad('source.path', 'this data has no paths below it', 'path')
  if (key === undefined && segments.length === 0)
    return bad('source.unknown', 'expected the path of one object: a prefix is not listed', 'path')
  const whole = key ?? `${prefix ?? ''}${segments.join('/')}`
  if (!isKey(whole)) return bad('source.path', 'no object has such a key', 'path')

  const url = new URL(endpoint)
  if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`
  const path = (pathStyle ? [bucket, ...whole.split('/')] : whole.split('/')).map(encoded)
  url.pathname = `/${path.join('/')}`
  return good(url)
}

function encoded(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return text === url.origin || text === `${url.origin}/`
}

// A segment that is empty or made of dots would be taken out of the URL on its way.
function isKey(key: unknown): key is string {
  return (
    typeof key === 'string' &&
    key.isWellFormed() &&
    new TextEncoder().encode(key).byteLength <= KEY_BYTES_MAX &&
    !/\p{Cc}/u.test(key) &&
    key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  )
}

function isText(text: unknown): text is string {
  return typeof text === 'string' && text.length <= TEXT_LENGTH_MAX && VISIBLE.test(text)
}

function wrong(message: string, path: string): ReturnType<typeof bad> {
  return bad('request.malformed', message, path)
}
