// Calls to a peer's DSP endpoints: a message out, an answer back, read as leniently as peers write it.

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { HttpCall, HttpResponse } from '../kernel/http-call.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { parseRawJson } from '../protocol/raw-json.ts'

export interface DspClientOptions {
  readonly call: HttpCall
  /** The whole Authorization value for one attempt; each attempt carries a new token. */
  readonly issue: (audience: ParticipantId) => Promise<string>
  readonly timeoutMs: number
  readonly answerBytesMax: number
}

export interface DspAnswer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly bytes: Uint8Array
  /** The body where it is JSON, whatever its media type says; null otherwise. Peers leave both out of a 200. */
  readonly json: unknown
  /** The peer's `Retry-After`, in milliseconds; null where it gave none in seconds. */
  readonly retryAfterMs: number | null
}

export interface DspClient {
  /** Throws what the call throws: `peer.unreachable`, `peer.malformed`, `address.forbidden`. */
  post(url: string, body: string, audience: ParticipantId): Promise<DspAnswer>
  get(url: string, audience: ParticipantId): Promise<DspAnswer>
  /** Without a token: the version document is for everyone (DSP 2025-1, version discovery). */
  getOpen(url: string): Promise<DspAnswer>
}

const DEPTH_MAX = 64

export function createDspClient({ call, issue, timeoutMs, answerBytesMax }: DspClientOptions): DspClient {
  const limits = { timeoutMs, bodyBytesMax: answerBytesMax }
  const accept = { accept: 'application/json', 'accept-encoding': 'gzip' }
  const read = (response: HttpResponse): Promise<DspAnswer> => readAnswer(response, answerBytesMax)

  return {
    post: async (url, body, audience) => {
      const headers = { ...accept, authorization: await issue(audience), 'content-type': 'application/json' }
      return read(await call({ method: 'POST', url, headers, body, ...limits }))
    },
    get: async (url, audience) => {
      const headers = { ...accept, authorization: await issue(audience) }
      return read(await call({ method: 'GET', url, headers, ...limits }))
    },
    getOpen: async (url) => read(await call({ method: 'GET', url, headers: accept, ...limits })),
  }
}

async function readAnswer({ status, headers, body }: HttpResponse, bytesMax: number): Promise<DspAnswer> {
  const bytes = await decoded(body, headers['content-encoding'] ?? 'identity', bytesMax)
  const parsed = parseRawJson(bytes, { depthMax: DEPTH_MAX })
  const retryAfter = /^\d{1,6}$/.exec(headers['retry-after'] ?? '')?.[0]
  return {
    status,
    headers,
    bytes,
    json: parsed.ok ? parsed.value : null,
    retryAfterMs: retryAfter === undefined ? null : Number(retryAfter) * 1000,
  }
}

const unzip = promisify(gunzip)

/** DSP 2025-1, catalog: an answer may be gzipped. Unpacked it is held to the same bound, or a few bytes could fill the memory. */
async function decoded(body: Uint8Array, encoding: string, bytesMax: number): Promise<Uint8Array> {
  if (encoding === 'identity' || body.length === 0) return body
  if (encoding !== 'gzip') throw malformed(`expected gzip or no encoding, and ${encoding.slice(0, 100)} came`)
  try {
    return await unzip(body, { maxOutputLength: bytesMax })
  } catch (cause) {
    throw malformed('the answer cannot be unpacked, or is too large unpacked', cause)
  }
}

function malformed(sentence: string, cause?: unknown): ProblemError {
  return new ProblemError(problem('peer.malformed', sentence), { cause })
}
