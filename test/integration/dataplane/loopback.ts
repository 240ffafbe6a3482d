// A server on 127.0.0.1 and a plain HttpStreamCall to reach it, for the tests of this folder.

import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpStreamCall } from '../../../src/kernel/http-call.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'

export interface Loopback extends AsyncDisposable {
  readonly url: string
  readonly server: Server
}

export async function serve(listener: RequestListener): Promise<Loopback> {
  const server = createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** Node's own client behind the port; every failure before the headers is `peer.unreachable`, as the port demands. */
export const nodeCall: HttpStreamCall = async ({ method, url, headers, body, timeoutMs, signal }) => {
  const response = await new Promise<IncomingMessage>((answered, failed) => {
    const options = {
      method,
      headers,
      timeout: timeoutMs,
      agent: false,
      ...(signal !== undefined && { signal }),
    } as const
    const request = httpRequest(url, options, answered)
    request.on('timeout', () => request.destroy(new Error('no headers in time')))
    request.on('error', (cause) => failed(new ProblemError(problem('peer.unreachable', 'no answer'), { cause })))
    request.end(body)
  })
  return {
    status: response.statusCode ?? 0,
    headers: flat(response.headers),
    body: response,
    trailers: () => flat(response.trailers),
  }
}

function flat(headers: IncomingMessage['headers'] | IncomingMessage['trailers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
