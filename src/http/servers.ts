// The two servers: how long they wait, how many connections they take, and TLS where it is our own.

import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Express } from 'express'

export interface ServerOptions {
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly headersTimeoutMs: number
  readonly connectionsMax: number
}

/** How long a request may take to arrive whole: long enough for a bad line, too short for a slow attack. */
const REQUEST_TIMEOUT_MS = 30_000
/** A peer that stops reading, or sends nothing, keeps its connection this long. */
const IDLE_TIMEOUT_MS = 60_000

export function serverFor(app: Express, { tls, headersTimeoutMs, connectionsMax }: ServerOptions): Server {
  const options = { headersTimeout: headersTimeoutMs, requestTimeout: REQUEST_TIMEOUT_MS }
  const server =
    tls === undefined
      ? createHttpServer(options, app)
      : createHttpsServer({ ...options, cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, app)
  server.maxConnections = connectionsMax
  server.setTimeout(IDLE_TIMEOUT_MS)
  return server
}

/** Resolves when the port is open; rejects with the reason why it cannot be opened. */
export function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      done()
    })
  })
}
