// Tells a kept-alive connection that had died in the meantime from a peer that broke off its answer.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

export interface StaleSockets {
  /** Whether a request failed because its connection, used before, was closed before one byte of the answer came. */
  readonly causedIt: (error: unknown) => boolean
  readonly close: () => void
}

const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * undici's errors do not say which connection failed, nor how much of the answer had come. Its diagnostics channels do:
 * one names the connection when a request is written to it, the other the request when it fails.
 */
export function watchStaleSockets(): StaleSockets {
  const usedBefore = new WeakSet<Socket>()
  const sent = new WeakMap<object, { socket: Socket; reused: boolean; bytesBefore: number }>()
  const stale = new WeakSet()

  const onSend = (message: unknown): void => {
    const { request, socket } = message as { request: object; socket: Socket }
    sent.set(request, { socket, reused: usedBefore.has(socket), bytesBefore: socket.bytesRead })
    usedBefore.add(socket)
  }
  const onError = (message: unknown): void => {
    const { request, error } = message as { request: object; error: Error & { code?: string } }
    const sending = sent.get(request)
    const nothingCame = sending?.reused === true && sending.socket.bytesRead === sending.bytesBefore
    if (nothingCame && CLOSED.has(error.code ?? '')) stale.add(error)
  }
  subscribe('undici:client:sendHeaders', onSend)
  subscribe('undici:request:error', onError)

  return {
    causedIt: (error) => typeof error === 'object' && error !== null && stale.has(error),
    close: () => {
      unsubscribe('undici:client:sendHeaders', onSend)
      unsubscribe('undici:request:error', onError)
    },
  }
}
