// A source that is called over HTTP, whatever signs the call: its answer passes through as it arrives.

import { conditionsOf, DEFAULT_MEDIA_TYPE, nothingToRead, sourceProblem } from './opened-source.ts'
import type { OpenedSource, SourceRequest } from './opened-source.ts'
import { isKnown, isStrong, type Conditions } from '../domain/delivery/conditions.ts'
import { lengthOf, rangeField, readContentRange, resolveRange, type ByteRange } from '../domain/delivery/range.ts'
import { isMediaType } from '../domain/delivery/source.ts'
import type { HttpStreamResponse } from '../kernel/http-call.ts'
import { kindOf, ProblemError } from '../kernel/problem.ts'
import { contentLength, holdErrors, measuredBody } from './measured-body.ts'

/** Sends the one call of a delivery with these further headers. */
type Call = (headers: Readonly<Record<string, string>>) => Promise<HttpStreamResponse>

/** The statuses with which a source gives data, where it was asked for the whole. */
const WHOLE: readonly number[] = [200]
const WHOLE_OF_POST: readonly number[] = [200, 201]

// A digest and a length are of the bytes that pass here, so the source must not compress them differently each time.
const PLAIN = { 'accept-encoding': 'identity' }

/**
 * Opens it with the conditions of the request. Where the source answers with a part of which nothing tells that it belongs to
 * the parts before it, it is asked again for the whole. Throws `source.unknown` (404, 410) and `source.unavailable` (no answer,
 * not in time, any other status, an encoding, another part than was asked for).
 */
export async function openRemote(
  call: Call,
  request: SourceRequest,
  mediaType: string | undefined,
): Promise<OpenedSource> {
  const conditions = conditionsOf(request)
  const opened = await opening(call, request, conditions, mediaType)
  return opened ?? mustBeOpen(await opening(call, request, { ...conditions, range: null, ifRange: null }, mediaType))
}

function mustBeOpen(opened: OpenedSource | null): OpenedSource {
  if (opened === null)
    throw sourceProblem('source.unavailable', 'the source answered with a part that was not asked for')
  return opened
}

/** Null where what came is a part that must not be passed on. */
async function opening(
  call: Call,
  { method }: SourceRequest,
  conditions: Conditions,
  mediaType: string | undefined,
): Promise<OpenedSource | null> {
  const response = await call({ ...PLAIN, ...fieldsOf(conditions) }).catch(unreachable)
  holdErrors(response.body)
  try {
    const read = readAnswer(response, method, conditions)
    if (read === null || read.answer !== 'data' || method === 'HEAD') response.body.destroy()
    if (read === null) return null

    const { answer, size, part, etag, announced } = read
    const whole = { announced, bytesMax: Number.MAX_SAFE_INTEGER }
    return {
      answer,
      mediaType: mediaType ?? mediaTypeIn(response) ?? DEFAULT_MEDIA_TYPE,
      size,
      part,
      etag,
      lastModified: method === 'POST' ? null : dateIn(response.headers['last-modified']),
      takesRanges: isStrong(etag) && (part !== null || response.headers['accept-ranges']?.toLowerCase() === 'bytes'),
      digest: null,
      body: answer === 'data' && method !== 'HEAD' ? measuredBody(response.body, whole) : nothingToRead(),
      ...(response.recycle !== undefined && { recycle: response.recycle }),
      // Nothing says that the next answer of a URL is the same.
      learn: () => undefined,
      close: async () => void response.body.destroy(),
    }
  } catch (error) {
    response.body.destroy()
    throw error
  }
}

interface Answer extends Pick<OpenedSource, 'answer' | 'size' | 'part' | 'etag'> {
  /** How many bytes the body will have, as far as it says. */
  readonly announced: number | null
}

function readAnswer(
  { status, headers }: HttpStreamResponse,
  method: SourceRequest['method'],
  conditions: Conditions,
): Answer | null {
  const { range, ifNoneMatch } = conditions
  // What a POST gives is no state of a resource that could be asked for again.
  const etag = method === 'POST' ? null : entityTag(headers['etag'])
  const known = { answer: 'not-modified', size: null, part: null, etag, announced: null } as const
  if (status === 304 && ifNoneMatch !== null) return known
  if (status === 416 && range !== null) {
    const size = readContentRange(headers['content-range'])?.size ?? null
    return { answer: 'no-such-range', size, part: null, etag, announced: null }
  }
  if (status === 404 || status === 410) throw sourceProblem('source.unknown', 'the source has no such data')
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw sourceProblem('source.unavailable', 'the source compresses what it was asked not to')
  if (status === 206 && range !== null) return readPart(headers, etag, conditions)
  if (!(method === 'POST' ? WHOLE_OF_POST : WHOLE).includes(status))
    throw sourceProblem('source.unavailable', `the source answered ${status}`)
  if (isKnown(conditions, etag)) return known

  const size = contentLength(headers['content-length'])
  return { answer: 'data', size, part: null, etag, announced: size }
}

/** The part that came, if it is the one that was asked for, of the state that was asked for. */
function readPart(headers: HttpStreamResponse['headers'], etag: string | null, conditions: Conditions): Answer | null {
  const came = readContentRange(headers['content-range'])
  const { range, ifRange } = conditions
  if (came === null || range === null || !isStrong(etag) || (ifRange !== null && ifRange !== etag)) return null
  const asked = resolveRange(range, came.size)
  if (asked === null || came.part === null || !isSame(asked, came.part)) return null
  return { answer: 'data', size: came.size, part: came.part, etag, announced: lengthOf(came.part) }
}

function isSame(one: ByteRange, other: ByteRange): boolean {
  return one.first === other.first && one.last === other.last
}

function fieldsOf({ range, ifRange, ifNoneMatch }: Conditions): Record<string, string> {
  return {
    ...(ifNoneMatch !== null && { 'if-none-match': ifNoneMatch }),
    ...(range !== null && { range: rangeField(range) }),
    ...(range !== null && ifRange !== null && { 'if-range': ifRange }),
  }
}

// A refusal of the guard is a mistake of the administrator, not of the consumer: for the consumer it is not available either.
function unreachable(error: unknown): never {
  if (error instanceof ProblemError && kindOf(error.problem) !== 'defect') {
    throw sourceProblem('source.unavailable', 'the source did not answer', error)
  }
  throw error
}

function entityTag(field: string | undefined): string | null {
  return field !== undefined && /^(?:W\/)?"[\x21\x23-\x7e]{0,256}"$/.test(field) ? field : null
}

/** What a source says of its media type goes into a header of ours: only what can stand there. */
function mediaTypeIn({ headers }: HttpStreamResponse): string | null {
  const field = headers['content-type']
  return field !== undefined && isMediaType(field) ? field : null
}

function dateIn(field: string | undefined): string | null {
  const at = field === undefined ? NaN : Date.parse(field)
  return Number.isNaN(at) ? null : new Date(at).toUTCString()
}
