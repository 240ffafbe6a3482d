// The two servers: how long they wait, how many connections they take, and TLS where it is our own.

import { createServer as createHttpServer, type Server, type ServerOptions as HttpOptions } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { Express } from 'express'
import { boundArrival } from './arrival.ts'
import { boundConnections } from './connections.ts'
import { endingAtNoHost } from './host.ts'
import { lingerAtClose } from './lingering.ts'
import { readTls, watchTls, type TlsFiles, type TlsWatch, type TlsWatchOptions } from './tls.ts'

export interface ServerOptions {
  /** How long a request may take to say what it wants: short, for a slow attack has many of them. */
  readonly headersTimeoutMs: number
  /** How long it may take to arrive whole: long enough for a bad line. */
  readonly requestTimeoutMs: number
  readonly connectionsMax: number
  /** A client that stops reading, or whose answer takes long, keeps its connection so long without a byte. */
  readonly idleTimeoutMs: number
}

/** A token of ours may have 16 KiB; there are other headers beside it. */
const HEADER_BYTES_MAX = 32_768
/** How often Node looks for requests that are late: its own half minute would give a slow attack that much more. */
const LATENESS_MS_MAX = 1_000
/** Connections beside those: TLS has not been agreed on, or they wait for the first of those that are being served to go. */
const WAITING_MAX = 1_000
/**
 * How long a connection stays open for the next request: longer than the minute for which proxies keep theirs (nginx), or one
 * of them would now and then send a message into a connection that is being closed. Who opens too many loses the idle ones.
 */
const KEEP_ALIVE_MS = 65_000

export function httpServer(app: Express, settings: ServerOptions): Server {
  return bounded(createHttpServer(optionsOf(settings), endingAtNoHost(app)), settings)
}

/** The same, with the TLS of these files; `tls` null is for a TLS proxy in front. Throws `config.invalid` where they are no pair. */
export function serverWith(
  tls: TlsFiles | null,
  app: Express,
  settings: ServerOptions,
  watch: TlsWatchOptions,
): { readonly server: Server | HttpsServer; readonly certificate: TlsWatch | null } {
  if (tls === null) return { server: httpServer(app, settings), certificate: null }
  const pair = readTls(tls)
  const { cert, key } = pair
  const options = { ...optionsOf(settings), handshakeTimeout: settings.headersTimeoutMs, cert, key }
  const server = bounded(createHttpsServer(options, endingAtNoHost(app)), settings)
  return { server, certificate: watchTls(server, tls, pair, watch) }
}

function optionsOf({ headersTimeoutMs }: ServerOptions): HttpOptions {
  return {
    headersTimeout: headersTimeoutMs,
    // Node's bound on the whole has no exception for data that is pushed to us; ours has (arrival.ts).
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(LATENESS_MS_MAX, headersTimeoutMs),
    maxHeaderSize: HEADER_BYTES_MAX,
    // Ours refuses it (hardened.ts), and closes before whatever comes behind it is read as a request.
    requireHostHeader: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
}

function bounded<Of extends Server | HttpsServer>(server: Of, settings: ServerOptions): Of {
  const { connectionsMax, idleTimeoutMs, requestTimeoutMs } = settings
  server.maxConnections = connectionsMax + WAITING_MAX
  boundConnections(server, connectionsMax)
  boundArrival(server, requestTimeoutMs)
  lingerAtClose(server)
  server.setTimeout(idleTimeoutMs)
  return server
}

/** Resolves when the port is open; rejects with the reason why it cannot be opened. */
export function listening(server: Server | HttpsServer, host: string, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      done()
    })
  })
}
