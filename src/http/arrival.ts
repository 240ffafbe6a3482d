// How long a request may take to arrive whole: a bound for all of them, and none for the data that is pushed to us, whose size
// is bounded and whose connection must not fall idle.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'

const unhurried = new WeakSet<IncomingMessage>()

/** To be said once its credentials are good, and before its body is read. */
export function mayTakeLong(request: IncomingMessage): void {
  unhurried.add(request)
}

/** Node's own bound knows no exception. A request that is late gets 408 as Node gives it, and its connection ends. */
export function boundArrival(server: Server | HttpsServer, timeoutMs: number): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return
    const timer = setTimeout(() => {
      if (request.complete || unhurried.has(request)) return
      if (!response.headersSent) request.socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
      request.socket.destroySoon()
      request.destroy()
    }, timeoutMs).unref()
    // Not when the answer has left: what nobody reads any more must end too.
    request.once('close', () => {
      clearTimeout(timer)
    })
  })
}
