// What the management API takes: small readers for bodies and queries, each with a clear refusal and its place.

import type { Request } from 'express'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import { parseRawJson } from '../../protocol/raw-json.ts'
import { jsonBytes } from '../body.ts'

export type Members = Readonly<Record<string, unknown>>

const DEPTH_MAX = 64
const TEXT_LENGTH_MAX = 2048
const PAGE_MAX = 1000

/** The JSON of a request. */
export function jsonOf(request: Request): unknown {
  return orThrow(parseRawJson(jsonBytes(request), { depthMax: DEPTH_MAX }))
}

/** An object with no other members than those named; an unknown one is a mistake that its writer wants to hear of. */
export function membersOf(value: unknown, known: readonly string[], path = ''): Members {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw malformed('expected an object', path)
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw malformed(`unknown member; expected ${known.join(', ')}`, path === '' ? unknown : `${path}.${unknown}`)
  }
  return value as Members
}

/** The body of a request that may come without one. */
export function optionalMembers(request: Request, known: readonly string[]): Members {
  return jsonBytes(request).length === 0 ? {} : membersOf(jsonOf(request), known)
}

export function textIn(members: Members, key: string): string {
  const text = optionalTextIn(members, key)
  if (text === undefined) throw malformed('expected a text', key)
  return text
}

export function optionalTextIn(members: Members, key: string): string | undefined {
  const value = members[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '' || value.length > TEXT_LENGTH_MAX) {
    throw malformed(`expected a text of 1 to ${String(TEXT_LENGTH_MAX)} characters`, key)
  }
  return value
}

/** Texts by name, as claims are. */
export function textsIn(members: Members, key: string): Readonly<Record<string, string>> {
  const value = members[key] ?? {}
  const isTexts =
    typeof value === 'object' && !Array.isArray(value) && Object.values(value).every((each) => typeof each === 'string')
  if (!isTexts) throw malformed('expected an object of texts', key)
  return value as Readonly<Record<string, string>>
}

/** `?after=…&limit=…`: where a page begins and how much it holds. */
export function pageOf(request: Request): { readonly after: string | null; readonly limit: number } {
  const { after, limit } = request.query
  const rows = limit === undefined ? 100 : Number(limit)
  if (!Number.isInteger(rows) || rows < 1 || rows > PAGE_MAX)
    throw malformed(`expected 1 to ${String(PAGE_MAX)}`, 'limit')
  return { after: typeof after === 'string' ? after : null, limit: rows }
}

export function malformed(sentence: string, path: string): ProblemError {
  return new ProblemError(problem('request.malformed', sentence, path))
}
