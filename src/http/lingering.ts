// The end of a connection whose client still sends: what comes is thrown away for a moment, because closing with bytes unread
// resets the connection, and a client that is reset may lose the answer that says why (RFC 9112, 9.6).

import type { IncomingMessage, Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'

/** Time enough for the answer to arrive and be read; who still sends then is reset. */
const LINGER_MS = 2_000

/** Node closes with `destroySoon` once an answer has left that is the last of its connection. */
export function lingerAtClose(server: Server | HttpsServer): void {
  const latest = new WeakMap<Socket, IncomingMessage>()
  server.on('request', (request: IncomingMessage) => {
    const { socket } = request
    const isKnown = latest.has(socket)
    latest.set(socket, request)
    if (!isKnown) linger(socket, () => latest.get(socket))
  })
}

/** Once for each connection, however many requests it has. */
function linger(socket: Socket, latest: () => IncomingMessage | undefined): void {
  const closeSoon = socket.destroySoon.bind(socket)
  socket.destroySoon = () => {
    socket.destroySoon = closeSoon
    const request = latest()
    if (request === undefined || request.complete || request.destroyed) {
      closeSoon()
      return
    }
    const close = (): void => {
      clearTimeout(timer)
      socket.destroy()
    }
    const timer = setTimeout(close, LINGER_MS).unref()
    socket.end()
    request.once('end', close).once('close', close).resume()
  }
}
