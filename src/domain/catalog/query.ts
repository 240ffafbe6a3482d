// The filter of a CatalogRequestMessage: none, or one QuerySpec as every EDC consumer sends it. What it cannot say is refused.

import { bad, type Result } from '../../kernel/problem.ts'

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'like' | 'ilike' | 'contains'

export type Scalar = string | number | boolean

export interface Criterion {
  /** The name of a property without prefix or namespace; `@id` for the dataset's id. */
  readonly field: string
  readonly comparator: Comparator
  /** A list with `in` only. */
  readonly value: Scalar | readonly Scalar[]
}

export interface CatalogQuery {
  readonly offset: number
  /** Null where the asker leaves it to us. */
  readonly limit: number | null
  readonly sort: { readonly field: string; readonly descending: boolean } | null
  readonly criteria: readonly Criterion[]
}

export const EVERYTHING: CatalogQuery = { offset: 0, limit: null, sort: null, criteria: [] }

const CRITERIA_MAX = 32
const VALUES_MAX = 1_000
const TEXT_LENGTH_MAX = 2_048
const OFFSET_MAX = 10_000_000

const COMPARATORS: readonly string[] = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'like',
  'ilike',
  'contains',
] satisfies Comparator[]

/**
 * Reads `filter`. Nothing and an empty list mean everything. DSP 2025-1: a filter that is not supported MUST be answered
 * with 400 (`filter.unsupported`), so every member that we do not know is one.
 */
export function readQuery(filter: readonly unknown[] | undefined): Result<CatalogQuery> {
  if (filter === undefined || filter.length === 0) return { ok: true, value: EVERYTHING }
  if (filter.length > 1) return unsupported('expected one QuerySpec', 'filter')

  const spec = membersOf(filter[0])
  if (spec === null || bareName(String(spec.get('@type'))) !== 'QuerySpec')
    return unsupported('expected a QuerySpec', 'filter[0].@type')
  const unknown = [...spec.keys()].find((key) => !SPEC_MEMBERS.has(key))
  if (unknown !== undefined) return unsupported('this member is not supported', `filter[0].${unknown.slice(0, 100)}`)

  const offset = numberOf(spec.get('offset') ?? 0, OFFSET_MAX)
  if (offset === null) return unsupported(`expected a number from 0 to ${String(OFFSET_MAX)}`, 'filter[0].offset')
  const limit = spec.get('limit') === undefined ? undefined : numberOf(spec.get('limit'), OFFSET_MAX)
  if (limit === null || limit === 0)
    return unsupported(`expected a number from 1 to ${String(OFFSET_MAX)}`, 'filter[0].limit')

  const order = spec.get('sortOrder') ?? 'ASC'
  if (order !== 'ASC' && order !== 'DESC') return unsupported('expected ASC or DESC', 'filter[0].sortOrder')
  const sortField = spec.get('sortField')
  if (sortField !== undefined && !isText(sortField))
    return unsupported('expected the name of a property', 'filter[0].sortField')

  const criteria = readCriteria(spec.get('filterExpression'))
  if (!criteria.ok) return criteria
  const sort = sortField === undefined ? null : { field: fieldOf(sortField), descending: order === 'DESC' }
  return { ok: true, value: { offset, limit: limit ?? null, sort, criteria: criteria.value } }
}

const SPEC_MEMBERS: ReadonlySet<string> = new Set([
  '@type',
  '@id',
  'offset',
  'limit',
  'sortOrder',
  'sortField',
  'filterExpression',
])
const CRITERION_MEMBERS: ReadonlySet<string> = new Set(['@type', '@id', 'operandLeft', 'operator', 'operandRight'])

function readCriteria(raw: unknown): Result<readonly Criterion[]> {
  const list: readonly unknown[] = raw === undefined ? [] : Array.isArray(raw) ? raw : [raw]
  if (list.length > CRITERIA_MAX)
    return unsupported(`at most ${String(CRITERIA_MAX)} criteria`, 'filter[0].filterExpression')
  const criteria: Criterion[] = []
  for (const [index, each] of list.entries()) {
    const path = `filter[0].filterExpression[${String(index)}]`
    const members = membersOf(each)
    const unknown = members === null ? '' : [...members.keys()].find((key) => !CRITERION_MEMBERS.has(key))
    if (members === null || unknown !== undefined)
      return unsupported('expected operandLeft, operator and operandRight', path)
    const left = members.get('operandLeft')
    const operator = members.get('operator')
    const right = members.get('operandRight')
    if (!isText(left)) return unsupported('expected the name of a property', `${path}.operandLeft`)
    if (typeof operator !== 'string' || !COMPARATORS.includes(operator))
      return unsupported(`expected one of ${COMPARATORS.join(' ')}`, `${path}.operator`)
    if (!isValue(right, operator))
      return unsupported('expected a text, number or boolean, or with `in` a list of them', `${path}.operandRight`)
    criteria.push({ field: fieldOf(left), comparator: operator as Comparator, value: right })
  }
  return { ok: true, value: criteria }
}

/** `https://w3id.org/edc/v0.0.1/ns/name`, `edc:name` and `name` are one field; so are its names for the id. */
function fieldOf(name: string): string {
  const bare = bareName(name.replace(/^'(.*)'$/, '$1'))
  return bare === 'id' || bare === '@id' ? '@id' : bare
}

export function bareName(name: string): string {
  return name.replace(/^.*[/#:]/, '')
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  return new Map(Object.entries(value).map(([key, member]) => [key.startsWith('@') ? key : bareName(key), member]))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_LENGTH_MAX
}

export function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.length <= TEXT_LENGTH_MAX)
  )
}

/** A list of one is written as its only value where JSON-LD has been at work. */
function isValue(value: unknown, operator: string): value is Criterion['value'] {
  if (operator !== 'in' || !Array.isArray(value)) return isScalar(value)
  return value.length <= VALUES_MAX && value.every(isScalar)
}

function numberOf(value: unknown, max: number): number | null {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= max ? number : null
}

function unsupported(sentence: string, path: string): ReturnType<typeof bad> {
  return bad('filter.unsupported', sentence, path)
}
