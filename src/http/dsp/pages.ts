// Pages of the catalogue: what a continuation token says, and the links to the pages beside this one (RFC 8288).

import type { Response } from 'express'
import { problem, ProblemError } from '../../kernel/problem.ts'
import type { Cursor } from '../../shell/serve-catalog.ts'

/** An id of 2,048 characters, three bytes each, in base64. */
const TOKEN_LENGTH_MAX = 8_192

/** The cursor of a token that we gave out; opaque to peers. Throws `request.malformed` for everything else. */
export function readCursor(token: unknown): Cursor {
  const [, kind, text = ''] = /^([abo])\.([\w-]+)$/.exec(typeof token === 'string' ? token : '') ?? []
  const value = text.length > TOKEN_LENGTH_MAX ? '' : Buffer.from(text, 'base64url').toString('utf8')
  // What decodes and does not come out the same again was not written by us.
  const isOurs = value !== '' && encoded(value) === text
  if (isOurs && kind === 'a') return { after: value }
  if (isOurs && kind === 'b') return { before: value }
  if (isOurs && kind === 'o' && /^\d{1,8}$/.test(value)) return { offset: Number(value) }
  throw new ProblemError(
    problem('request.malformed', 'expected a continuationToken that this catalogue gave', 'continuationToken'),
  )
}

function writeCursor(cursor: Cursor): string {
  if ('after' in cursor) return `a.${encoded(cursor.after)}`
  return 'before' in cursor ? `b.${encoded(cursor.before)}` : `o.${encoded(String(cursor.offset))}`
}

function encoded(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64url')
}

/** `next`, and `previous` under its two names: DSP 2025-1 wants `previous`, EDC knows `prev`. The same body goes with them. */
export function linkPages(
  response: Response,
  url: string,
  { next, previous }: { readonly next: Cursor | null; readonly previous: Cursor | null },
): void {
  const links = [
    ...(next === null ? [] : [link(url, next, 'next')]),
    ...(previous === null ? [] : [link(url, previous, 'previous'), link(url, previous, 'prev')]),
  ]
  if (links.length > 0) response.set('Link', links)
}

function link(url: string, cursor: Cursor, rel: string): string {
  return `<${url}?continuationToken=${writeCursor(cursor)}>; rel="${rel}"`
}
