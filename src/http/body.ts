// Bodies as bytes: read within the limit, never decoded by the framework.

import express, { type Request, type RequestHandler } from 'express'
import { problem, ProblemError } from '../kernel/problem.ts'

/** Reads the raw body into `request.body`; the error handler turns an oversized one into 413. Encoded bodies are refused. */
export function rawBody(bodyBytesMax: number): RequestHandler {
  return express.raw({ type: () => true, limit: bodyBytesMax, inflate: false })
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
