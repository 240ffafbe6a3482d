// The only way out of the connector under fuzz: to one played peer, and to nobody else, whatever a message names.

import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

export interface Gate {
  /** The proxy to be set under `outbound.proxy`. */
  readonly url: string
  /** Calls that were to go somewhere else. */
  readonly turnedAway: () => number
  readonly close: () => void
}

/** @param hosts `host:port` of those that may be reached; they are all on loopback */
export async function openGate(hosts: readonly string[]): Promise<Gate> {
  let turnedAway = 0
  const server = createServer((asked, response) => {
    const url = URL.parse(asked.url ?? '')
    if (url === null || !hosts.includes(url.host)) {
      turnedAway += 1
      asked.resume()
      response.writeHead(502).end()
      return
    }
    const { method = 'GET', headers } = asked
    const passed = request(
      { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method, headers },
      (answer: IncomingMessage) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    passed.on('error', () => response.destroy())
    asked.pipe(passed)
  })
  server.on('connect', ({ url = '' }: IncomingMessage, socket) => {
    if (!hosts.includes(url)) {
      turnedAway += 1
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
      return
    }
    const tunnel = connect({ host: '127.0.0.1', port: Number(url.split(':').at(-1)) }, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      tunnel.pipe(socket).pipe(tunnel)
    })
    for (const end of [tunnel, socket]) end.on('error', () => end.destroy())
  })
  await new Promise<void>((open) => {
    server.listen(0, '127.0.0.1', () => {
      open()
    })
  })
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    turnedAway: () => turnedAway,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
