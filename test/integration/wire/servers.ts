// Small servers on the loopback address, and clients that are closed when a test ends.

import { createServer } from 'node:http'
import type { RequestListener, Server as HttpServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { onTestFinished } from 'vitest'
import { createHttpClient } from '../../../src/wire/http-client.ts'
import type { HttpClient, HttpClientOptions } from '../../../src/wire/http-client.ts'

/** Listens on a free port of 127.0.0.1 until the test ends. */
export async function listen(server: Server | HttpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

export async function httpServer(listener: RequestListener): Promise<{ port: number; origin: string }> {
  const port = await listen(createServer(listener))
  return { port, origin: `http://127.0.0.1:${port}` }
}

/** A server that is given every request as it comes, on whichever connection, and may answer in any bytes. */
export async function rawServer(
  answer: (socket: Socket, numberOfRequest: number) => void,
  tls?: { key: string; cert: string },
): Promise<{ origin: string; seen: () => number }> {
  let requests = 0
  const sockets = new Set<Socket>()
  const onConnection = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => {
      requests += 1
      answer(socket, requests)
    })
  }
  const server = tls === undefined ? createTcpServer(onConnection) : createTlsServer(tls, onConnection)
  const port = await listen(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { origin: tls === undefined ? `http://127.0.0.1:${port}` : `https://peer.test:${port}`, seen: () => requests }
}

export function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = createHttpClient({
    guard: 'peer',
    loopback: true,
    allowHttpHosts: [],
    allowNetworks: [],
    connectionsPerOriginMax: 4,
    ...options,
  })
  onTestFinished(() => made.close())
  return made
}
