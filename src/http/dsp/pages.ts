// Pages of the catalogue: what a continuation token says, and the links to the pages beside this one (RFC 8288).

import type { Response } from 'express'
import type { Cursor, Place } from '../../domain/catalog/cursor.ts'
import type { Links } from '../../domain/catalog/links.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'

/** No more than a request line may have beside the rest of its headers. */
const TOKEN_LENGTH_MAX = 12_288

/** The cursor of a token that we gave out; opaque to peers. Throws `request.malformed` for everything else. */
export function readCursor(token: unknown): Cursor {
  const text = typeof token === 'string' && token.length <= TOKEN_LENGTH_MAX ? token : ''
  const [, kind, content = ''] = /^([ab])\.([\w-]+)$/.exec(text) ?? []
  const parts = kind === undefined ? null : partsIn(Buffer.from(content, 'base64url').toString('utf8'))
  const cursor = parts === null ? null : cursorOf(kind === 'a' ? 'after' : 'before', parts)
  // What can be read and does not come out the same again was not written by us.
  if (cursor !== null && writeCursor(cursor) === text) return cursor
  throw new ProblemError(
    problem('request.malformed', 'expected a continuationToken that this catalogue gave', 'continuationToken'),
  )
}

/** `next`, and `previous` under its two names: DSP 2025-1 wants `previous`, EDC knows `prev`. The same body goes with them. */
export function linkPages(response: Response, url: string, { next, previous }: Links): void {
  const links = [
    ...(next === null ? [] : [link(url, next, 'next')]),
    ...(previous === null ? [] : [link(url, previous, 'previous'), link(url, previous, 'prev')]),
  ]
  if (links.length > 0) response.set('Link', links)
}

function link(url: string, cursor: Cursor, rel: string): string {
  return `<${url}?continuationToken=${writeCursor(cursor)}>; rel="${rel}"`
}

/** Place, start and how many are still to be left out; without what is empty at the end. */
function writeCursor({ side, place, start, skip }: Cursor): string {
  const parts: unknown[] = [place?.id ?? null, place?.key ?? null, start?.id ?? null, start?.key ?? null, skip]
  while (parts.length > 1 && (parts.at(-1) === null || parts.at(-1) === 0)) parts.pop()
  return `${side === 'after' ? 'a' : 'b'}.${Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url')}`
}

function cursorOf(side: Cursor['side'], [id, key, startId, startKey, skip = 0]: readonly unknown[]): Cursor | null {
  const [place, start] = [placeOf(id, key), placeOf(startId, startKey)]
  const isCount = typeof skip === 'number' && Number.isInteger(skip) && skip >= 0
  return place === undefined || start === undefined || !isCount ? null : { side, place, start, skip }
}

/** Undefined for what is no place at all. */
function placeOf(id: unknown = null, key: unknown = null): Place | null | undefined {
  if (id === null) return key === null ? null : undefined
  const isKey = key === null || typeof key === 'string' || typeof key === 'number'
  return typeof id === 'string' && id !== '' && isKey ? { id, key } : undefined
}

function partsIn(text: string): readonly unknown[] | null {
  try {
    const parts: unknown = JSON.parse(text)
    return Array.isArray(parts) ? parts : null
  } catch {
    return null
  }
}
