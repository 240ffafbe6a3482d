// Whether a dataset fits a catalogue query, and in which order datasets stand in its answer.

import type { Place } from './cursor.ts'
import { bareName, isScalar, type CatalogQuery, type Comparator, type Criterion, type Scalar } from './query.ts'

/** Texts are put in order by this many characters, and then by id: what a link to a page carries must stay short. */
const KEY_CHARS_MAX = 256

/** Whether a dataset fits all criteria. A property that it does not have fits none but `!=`. */
export function fitsQuery(dataset: Selectable, { criteria }: CatalogQuery): boolean {
  return criteria.every(({ field, comparator, value }) => {
    const found = valuesOf(dataset, field)
    if (comparator === '!=') return found.every((each) => compare(each, '!=', value))
    return found.some((each) => compare(each, comparator, value))
  })
}

/**
 * Where a dataset stands in the order that a query asks for: by id where it asks for none. Numbers come first, and texts that
 * read as numbers among them; then texts; last, in either direction, what lacks the property. It is an order of the datasets
 * whichever others there are, so that a page can go on where the last one ended.
 */
export function placeOf(dataset: Selectable, { sort }: CatalogQuery): Place {
  const [value] = sort === null ? [] : valuesOf(dataset, sort.field)
  return {
    id: dataset.id,
    key: value === undefined ? null : (numberOf(value) ?? String(value).slice(0, KEY_CHARS_MAX)),
  }
}

/** Datasets with the same value stand in the order of their ids, in either direction. */
export function inOrder({ sort }: CatalogQuery): (a: Place, b: Place) => number {
  const sign = sort?.descending === true ? -1 : 1
  return (a, b) => {
    const byId = a.id < b.id ? -1 : a.id > b.id ? 1 : 0
    if (a.key === b.key) return byId
    if (a.key === null || b.key === null) return a.key === null ? 1 : -1
    if (typeof a.key !== typeof b.key) return typeof a.key === 'number' ? -sign : sign
    return a.key < b.key ? -sign : sign
  }
}

/** What a query looks at. */
export interface Selectable {
  readonly id: string
  readonly properties: Readonly<Record<string, unknown>>
}

function compare(found: Scalar, comparator: Comparator, value: Criterion['value']): boolean {
  if (typeof value === 'object') return comparator === 'in' && value.some((each) => equal(found, each))
  switch (comparator) {
    case '=':
      return equal(found, value)
    case '!=':
      return !equal(found, value)
    case 'in':
      return equal(found, value)
    case 'like':
      return isLike(String(found), String(value))
    case 'ilike':
      return isLike(String(found).toLowerCase(), String(value).toLowerCase())
    case 'contains':
      return String(found).includes(String(value))
    default:
      return ordered(order(found, value), comparator)
  }
}

function ordered(sign: number, comparator: '<' | '<=' | '>' | '>='): boolean {
  if (comparator === '<') return sign < 0
  if (comparator === '<=') return sign <= 0
  return comparator === '>' ? sign > 0 : sign >= 0
}

function equal(a: Scalar, b: Scalar): boolean {
  return typeof a === typeof b ? a === b : String(a) === String(b)
}

/** As numbers where one is a number and the other reads as one, whichever comes first; everything else as text. */
function order(a: Scalar, b: Scalar): number {
  const [x, y] = [numberOf(a), numberOf(b)]
  if ((typeof a === 'number' || typeof b === 'number') && x !== null && y !== null) return x - y
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function numberOf(value: Scalar): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : null
}

/** SQL's LIKE: `%` for any run, `_` for one character. Linear in the text for each `%`, with no regular expression made of input. */
function isLike(text: string, pattern: string): boolean {
  let [at, from] = [0, 0]
  let [star, mark] = [-1, 0]
  while (at < text.length) {
    if (from < pattern.length && (pattern[from] === '_' || (pattern[from] !== '%' && pattern[from] === text[at]))) {
      at += 1
      from += 1
    } else if (pattern[from] === '%') {
      star = from
      mark = at
      from += 1
    } else if (star >= 0) {
      from = star + 1
      mark += 1
      at = mark
    } else return false
  }
  while (pattern[from] === '%') from += 1
  return from === pattern.length
}

function valuesOf({ id, properties }: Selectable, field: string): readonly Scalar[] {
  if (field === '@id') return [id]
  for (const [name, value] of Object.entries(properties)) {
    if (bareName(name) === field) return (Array.isArray(value) ? value : [value]).filter(isScalar)
  }
  return []
}
