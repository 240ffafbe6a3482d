// Which bytes of a representation are asked for, and which those are (RFC 9110, 14).

/** A byte range as it stands in the request, before the size is known. */
export type RangeSpec = { readonly first: number; readonly last: number | null } | { readonly suffix: number }

/** Bytes by their offsets, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

// 15 digits are exact as a number, and more than any file has.
const ONE_RANGE = /^bytes[ \t]*=[ \t]*(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))[ \t]*$/i
const CONTENT_RANGE = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15})$/i

/**
 * The one range in a Range field; null where the field means nothing here, and the whole is sent: other units, ranges that
 * cannot be read or end before they begin (14.2), and lists of ranges. Answering those would take multipart/byteranges, of
 * whose whole no digest is known, for a need that nobody has: a download that goes on asks for one range.
 */
export function readRange(field: string | undefined): RangeSpec | null {
  const [, first, last, suffix] = field === undefined ? [] : (ONE_RANGE.exec(field) ?? [])
  if (suffix !== undefined) return { suffix: Number(suffix) }
  if (first === undefined) return null
  const spec = { first: Number(first), last: last === undefined ? null : Number(last) }
  return spec.last !== null && spec.last < spec.first ? null : spec
}

/** The bytes that this means of so many; null where there are none of them (416). A range over the end is cut at the end. */
export function resolveRange(spec: RangeSpec, size: number): ByteRange | null {
  if ('suffix' in spec) {
    return spec.suffix === 0 || size === 0 ? null : { first: Math.max(0, size - spec.suffix), last: size - 1 }
  }
  if (spec.first >= size) return null
  return { first: spec.first, last: Math.min(spec.last ?? size - 1, size - 1) }
}

/** How many bytes a range has. */
export function lengthOf({ first, last }: ByteRange): number {
  return last - first + 1
}

/** The Range field that asks for this. */
export function rangeField(spec: RangeSpec): string {
  return 'suffix' in spec ? `bytes=-${String(spec.suffix)}` : `bytes=${String(spec.first)}-${String(spec.last ?? '')}`
}

/** The Content-Range field (14.4) of a part, or of a refusal, which has none. */
export function contentRange(part: ByteRange | null, size: number): string {
  return `bytes ${part === null ? '*' : `${String(part.first)}-${String(part.last)}`}/${String(size)}`
}

/** What a Content-Range field says; null where there is none, it cannot be, or it leaves the size of the whole open. */
export function readContentRange(
  field: string | undefined,
): { readonly part: ByteRange | null; readonly size: number } | null {
  const [, first, last, of] = field === undefined ? [] : (CONTENT_RANGE.exec(field) ?? [])
  if (of === undefined) return null
  const size = Number(of)
  if (first === undefined || last === undefined) return { part: null, size }
  const part = { first: Number(first), last: Number(last) }
  return part.first <= part.last && part.last < size ? { part, size } : null
}
