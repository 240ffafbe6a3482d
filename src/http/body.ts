// Bodies as bytes: read within the limit, never decoded by the framework.

import type { Request, RequestHandler } from 'express'
import { problem, ProblemError } from '../kernel/problem.ts'

/** Reads the raw body into `request.body`. Throws what `readBody` throws. */
export function rawBody(bodyBytesMax: number): RequestHandler {
  return async (request, _response, next) => {
    request.body = await readBody(request, bodyBytesMax)
    next()
  }
}

/**
 * The whole body of a request; empty where it has none. Throws `body.encoded`, `body.too-large` as soon as that is certain
 * and not when the last byte has come, and `request.malformed` for a body that ends too early.
 */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  const { 'content-length': length, 'content-encoding': encoding = '' } = request.headers
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return new Uint8Array()
  if (!['', 'identity'].includes(encoding.toLowerCase())) {
    throw new ProblemError(problem('body.encoded', 'encoded bodies are not accepted'))
  }
  if (length !== undefined && Number(length) > bytesMax) throw tooLarge(bytesMax)
  if (request.destroyed) throw endedEarly()

  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    let bytes = 0
    const onData = (piece: Uint8Array): void => {
      bytes += piece.length
      pieces.push(piece)
      if (bytes <= bytesMax) return
      pieces.length = 0
      // What still comes is thrown away as it comes, so that a sender who reads only at its end finds the answer.
      request.off('data', onData).resume()
      reject(tooLarge(bytesMax))
    }
    const onGone = (): void => {
      reject(endedEarly())
    }
    request
      .on('data', onData)
      .once('end', () => {
        resolve(Buffer.concat(pieces))
      })
      .once('error', onGone)
      .once('close', onGone)
  })
}

function endedEarly(): ProblemError {
  return new ProblemError(problem('request.malformed', 'the body ended before its announced length'))
}

function tooLarge(bytesMax: number): ProblemError {
  return new ProblemError(problem('body.too-large', `expected a body of at most ${String(bytesMax)} bytes`))
}

/**
 * The bytes of a JSON request. Refuses (`body.media-type`) what says that it is something else; a peer that says nothing
 * is believed, as DSP's own test kit says nothing.
 */
export function jsonBytes(request: Request): Uint8Array {
  const type = request.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== undefined && type !== '' && !/^application\/([\w.+-]+\+)?json$/.test(type)) {
    throw new ProblemError(problem('body.media-type', `expected application/json, and ${type.slice(0, 100)} came`))
  }
  const body: unknown = request.body
  return body instanceof Uint8Array ? body : new Uint8Array()
}
