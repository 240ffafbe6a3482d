// A request that names no host ends its connection, and nothing behind it counts: Node's own check refuses it too, but then goes
// on to whatever came in the same packet.

import type { IncomingMessage, RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** Whether HTTP/1.1 demands a Host that this request does not have (RFC 9112, 3.2). */
export function lacksHost({ headers, httpVersion }: Pick<IncomingMessage, 'headers' | 'httpVersion'>): boolean {
  return httpVersion === '1.1' && headers.host === undefined
}

/** Hands on every request but those behind one without a host; that one is refused further on, and its answer closes. */
export function endingAtNoHost(listener: RequestListener): RequestListener {
  const ended = new WeakSet<Socket>()
  return (request, response) => {
    if (ended.has(request.socket)) return
    if (lacksHost(request)) {
      ended.add(request.socket)
      response.shouldKeepAlive = false
    }
    listener(request, response)
  }
}
