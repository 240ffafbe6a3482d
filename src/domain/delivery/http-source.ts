// What an administrator may write as a URL to fetch from, and which calls of a consumer it takes.

import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import { fitsAnyGlob, readPathGlobs } from './path-globs.ts'
import { SEALED_SHOWN } from './sealed-source.ts'
import type { HttpSource, Members, SourceMethod, Typed } from './data-source.ts'

/** Bounds of what a source may say: lengths in UTF-16 code units, the rest in entries. */
const URL_LENGTH_MAX = 2_048
const HEADERS_MAX = 20
const HEADER_LENGTH_MAX = 8_192
const PARAMETERS_MAX = 100
const PARAMETER_LENGTH_MAX = 100

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/
const HEADER_VALUE = /^[\x20-\x7e\t]*$/

const METHODS: readonly unknown[] = ['GET', 'HEAD', 'POST']
const METHODS_DEFAULT: readonly SourceMethod[] = ['GET', 'HEAD']

// Headers that belong to the connection or to this call: a fixed value of them would break the answer or misread it.
// prettier-ignore
const HEADERS_RESERVED: ReadonlySet<string> = new Set([
  'host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'upgrade', 'te', 'trailer', 'expect',
  'accept-encoding', 'range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since',
])

/** Refuses with `request.malformed` and the member as path. */
export function readHttpSource(members: Members, typed: Typed): Result<HttpSource> {
  const { url, headers, paths, query, methods } = members
  if (typeof url !== 'string' || url.length > URL_LENGTH_MAX || !URL.canParse(url)) {
    return wrong(`expected a URL of at most ${URL_LENGTH_MAX} characters`, 'url')
  }
  const { protocol, username, password, hash } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return wrong(`expected http or https, got ${protocol}`, 'url')
  if (username !== '' || password !== '') return wrong('credentials belong into headers, not into the URL', 'url')
  if (hash !== '') return wrong('a fragment is never sent', 'url')

  const readHeader = headers === undefined ? good(undefined) : readHeaders(headers)
  if (!readHeader.ok) return readHeader
  const readPaths = Array.isArray(paths) ? readPathGlobs(paths, 'paths') : flag(paths, 'paths', 'globs')
  if (!readPaths.ok) return readPaths
  const readQuery = Array.isArray(query) ? readParameters(query) : flag(query, 'query', 'names of parameters')
  if (!readQuery.ok) return readQuery
  const readMethod = methods === undefined ? good(undefined) : readMethods(methods)
  if (!readMethod.ok) return readMethod
  return good({
    type: 'http',
    url,
    ...(readHeader.value !== undefined && { headers: readHeader.value }),
    ...typed,
    ...(readPaths.value !== undefined && { paths: readPaths.value }),
    ...(readQuery.value !== undefined && { query: readQuery.value }),
    ...(readMethod.value !== undefined && { methods: readMethod.value }),
  })
}

export function takesMethod({ methods = METHODS_DEFAULT }: Pick<HttpSource, 'methods'>, method: SourceMethod): boolean {
  return methods.includes(method)
}

/**
 * The URL to call: the source's own, with the consumer's path below it and query behind it. Refuses what the administrator
 * has not opened, naming it: `source.method`, `source.path`, `source.query`; and `request.malformed` where all of it is too long.
 */
export function sourceUrl(
  source: HttpSource,
  { method, segments, query }: { method: SourceMethod; segments: readonly string[]; query: string },
): Result<URL> {
  const { paths = false, query: parameters = false } = source
  const url = new URL(source.url)
  if (!takesMethod(source, method)) return bad('source.method', `this data takes no ${method}`, 'method')
  if (segments.length > 0) {
    if (paths === false) return bad('source.path', 'this data has no paths below it', 'path')
    if (paths !== true && !fitsAnyGlob(paths, segments))
      return bad('source.path', 'this path is not among those that the provider has opened', 'path')
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${segments.map(encodeURIComponent).join('/')}`
  }
  if (query !== '') {
    if (parameters === false) return bad('source.query', 'this data takes no query', 'query')
    for (const name of new URLSearchParams(query).keys()) {
      // A parameter that the administrator fixed must not be given a second value: servers differ in which one they take.
      if (url.searchParams.has(name)) return bad('source.query', 'this parameter is fixed by the provider', named(name))
      if (parameters !== true && !parameters.includes(name))
        return bad('source.query', 'this parameter is not among those that the provider has opened', named(name))
    }
    url.search = url.search === '' ? query : `${url.search}&${query}`
  }
  if (url.href.length > URL_LENGTH_MAX * 2) return bad('request.malformed', 'path and query are too long', 'path')
  return good(url)
}

/** The place of a parameter that the consumer chose: cut, and with nothing in it that could break a line. */
function named(parameter: string): string {
  return `query.${encodeURIComponent(parameter.toWellFormed()).slice(0, PARAMETER_LENGTH_MAX)}`
}

function flag(value: unknown, at: string, list: string): Result<boolean | undefined> {
  return value === undefined || typeof value === 'boolean'
    ? good(value)
    : wrong(`expected true, false or a list of ${list}`, at)
}

function readParameters(raw: readonly unknown[]): Result<readonly string[]> {
  const fits = (name: unknown): name is string =>
    typeof name === 'string' && name !== '' && name.length <= PARAMETER_LENGTH_MAX && name.isWellFormed()
  return raw.length > 0 && raw.length <= PARAMETERS_MAX && raw.every(fits)
    ? good(raw)
    : wrong(`expected 1 to ${String(PARAMETERS_MAX)} names of parameters`, 'query')
}

function readMethods(raw: unknown): Result<readonly SourceMethod[]> {
  const isList = Array.isArray(raw) && raw.length > 0 && raw.every((each) => METHODS.includes(each))
  return isList && new Set(raw).size === raw.length
    ? good(raw as readonly SourceMethod[])
    : wrong(`expected a list out of ${METHODS.join(', ')}`, 'methods')
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
    if (value === SEALED_SHOWN) return wrong('this stands for the value that was given; give the value itself', at)
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
