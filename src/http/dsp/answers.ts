// The answers of the DSP endpoints: JSON bytes, and each protocol's own error object.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Request, Response } from 'express'
import { kindOf, KINDS, type Problem } from '../../kernel/problem.ts'
import { catalogError, contractNegotiationError, transferError, type KnownPids } from '../../protocol/dsp/error.ts'
import type { ConsumerPid, ProviderPid } from '../../protocol/ids.ts'

export type Family = 'catalog' | 'negotiations' | 'transfers'

/** How long a peer that came at a busy moment is asked to wait, in seconds. */
const RETRY_AFTER_S = 1

export function sendJson(response: Response, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response
    .status(status)
    .set('Content-Type', 'application/json')
    .set('Content-Length', String(Buffer.byteLength(text)))
  response.end(text)
}

/** A text shorter than this is not worth compressing, in bytes. */
const GZIP_FROM_BYTES = 1_024

const compress = promisify(gzip)

/** A 200 that may be large: gzip where the asker takes it (DSP 2025-1, catalog: MAY). */
export async function sendCompressible(request: Request, response: Response, body: unknown): Promise<void> {
  const text = JSON.stringify(body)
  response.set('Vary', 'Accept-Encoding')
  if (Buffer.byteLength(text) < GZIP_FROM_BYTES || request.acceptsEncodings(['gzip', 'identity']) !== 'gzip') {
    response.status(200).set('Content-Type', 'application/json').end(text)
    return
  }
  const zipped = await compress(text)
  response.status(200).set({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(zipped)
}

/**
 * DSP 2025-1, error codes. A catalogue error always has its CatalogError; a process error has its object unless nothing is
 * known of the process: then a foreign and an unknown one get the same bytes.
 */
export function sendProblem(response: Response, family: Family, found: Problem, pids: KnownPids = {}): void {
  const kind = kindOf(found)
  const status = KINDS[kind].dsp
  if (status === 503) response.set('Retry-After', String(RETRY_AFTER_S))
  if (status === 401) response.set('WWW-Authenticate', 'Bearer')
  if (family === 'catalog') {
    sendJson(response, status, catalogError(found))
    return
  }
  if (kind === 'unknown' && (pids.providerPid === undefined || pids.consumerPid === undefined)) {
    response.status(status).set('Content-Length', '0').end()
    return
  }
  sendJson(
    response,
    status,
    family === 'transfers' ? transferError(found, pids) : contractNegotiationError(found, pids),
  )
}

/** The pids that a request itself supplies, for the answer to it; none is ever invented (decision 012). */
export function pidsIn(json: unknown): KnownPids {
  if (json === null || typeof json !== 'object') return {}
  const { providerPid, consumerPid } = json as { providerPid?: unknown; consumerPid?: unknown }
  return {
    ...(isPid(providerPid) && { providerPid: providerPid as ProviderPid }),
    ...(isPid(consumerPid) && { consumerPid: consumerPid as ConsumerPid }),
  }
}

function isPid(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 2048
}
