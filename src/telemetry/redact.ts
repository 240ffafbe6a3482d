// What of an event's fields may stand in a log line: plain, bounded data without secrets. Pure.

import { PROBLEMS, ProblemError, kindOf, type Problem } from '../kernel/problem.ts'

const TEXT_CHARACTERS_MAX = 2000
const DEPTH_MAX = 6
const ITEMS_MAX = 50
const CAUSES_MAX = 5

const REDACTED = '[redacted]'

/** Names whose values are never logged, in whatever depth and case. */
const SECRET_NAMES = new Set(
  // prettier-ignore
  [
    'authorization', 'proxyauthorization', 'cookie', 'setcookie',
    'token', 'accesstoken', 'refreshtoken', 'admintoken', 'inbound', 'outbound', 'jwt', 'presentation',
    'key', 'keys', 'jwk', 'privatekey', 'masterkey', 'secret', 'secrets', 'password',
    'body', 'payload', 'dataaddress', 'endpointproperties',
  ],
)

/**
 * What is secret wherever it stands in a text: an `Authorization` value (our own sentences write `Bearer <…>`); a compact JWS; in a path or a query a token of ours (32
 * bytes in base64url), which people put there by mistake; who calls, in a URL; and what a query's own name calls a secret.
 */
const SECRET_TEXT = new RegExp(
  [
    String.raw`\b(?:Bearer|Basic)\s+(?!<|before\b)\S+`,
    String.raw`\beyJ[\w-]+\.[\w-]+\.[\w-]*`,
    String.raw`(?<=[/=])[\w-]{43}(?![\w.-])`,
    String.raw`(?<=:\/\/)[^\s/@]+(?=@)`,
    String.raw`(?<=[?&][\w-]*(?:token|key|secret|password|credential|signature|sig)=)[^&\s]+`,
  ].join('|'),
  'gi',
)

/** The fields as they may be written. Errors and Problems become their own short forms; bytes become their number. */
export function redacted(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return members(fields, 0)
}

/** The one form of a Problem in a log. */
function problemFields(problem: Problem): Readonly<Record<string, unknown>> {
  const { code, message, path } = problem
  return {
    code,
    kind: kindOf(problem),
    message: textOf(message),
    ...(path === undefined ? {} : { path: textOf(path) }),
  }
}

function members(fields: object, depth: number): Readonly<Record<string, unknown>> {
  const all = Object.entries(fields)
  const written = all.slice(0, ITEMS_MAX).map(([name, value]: [string, unknown]) => [name, member(name, value, depth)])
  const rest = all.length > ITEMS_MAX ? [['…', `${all.length - ITEMS_MAX} more`]] : []
  return Object.fromEntries([...written, ...rest]) as Readonly<Record<string, unknown>>
}

function member(name: string, value: unknown, depth: number): unknown {
  const isSecret = SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ''))
  return isSecret && value !== undefined && value !== null ? REDACTED : plain(value, depth + 1)
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return textOf(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return errorFields(value, 0)
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (value instanceof URL) return textOf(value.href)
  if (depth > DEPTH_MAX) return '…'
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item: unknown) => plain(item, depth + 1))
    return value.length > ITEMS_MAX ? [...items, `${value.length - ITEMS_MAX} more`] : items
  }
  return isProblem(value) ? problemFields(value) : members(value, depth)
}

function isProblem(value: object): value is Problem {
  return 'code' in value && typeof value.code === 'string' && value.code in PROBLEMS && 'message' in value
}

/** A Problem on its way up is expected and needs no stack; anything else is a bug and does. */
function errorFields(error: Error, depth: number): Readonly<Record<string, unknown>> {
  const cause = error.cause instanceof Error && depth < CAUSES_MAX ? { cause: errorFields(error.cause, depth + 1) } : {}
  if (error instanceof ProblemError && kindOf(error.problem) !== 'defect') {
    return { ...problemFields(error.problem), ...cause }
  }
  const { name, message, stack = '' } = error
  // V8 quotes what it could not parse, which may be anything.
  const said = error instanceof SyntaxError && /JSON/.test(message) ? 'a text that is no JSON' : message
  return { type: name, message: textOf(said), stack: textOf(stack.replace(message, said)), ...cause }
}

function textOf(text: string): string {
  const safe = text.replaceAll(SECRET_TEXT, REDACTED)
  return safe.length <= TEXT_CHARACTERS_MAX ? safe : `${safe.slice(0, TEXT_CHARACTERS_MAX)}…`
}
