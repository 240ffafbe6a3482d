// The HTTP client: guarded, bounded in time and size, with connections kept alive. Redirects are answers, never followed.

import { Readable } from 'node:stream'
import { Agent, ProxyAgent } from 'undici'
import type { Dispatcher } from 'undici'
import type {
  HttpCall,
  HttpRequest,
  HttpStreamCall,
  HttpStreamRequest,
  HttpUpload,
  HttpUploadCall,
} from '../kernel/http-call.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'
import { createGuard, judgeProxiedName, judgeUrl } from '../domain/trust/address.ts'
import type { GuardSettings } from '../domain/trust/address.ts'
import { callProblem } from './call-problem.ts'
import { createDial, guardedConnect, resolveByDns, trustedCertificates } from './guarded-connect.ts'
import type { Dial, Resolve } from './guarded-connect.ts'
import { freedPieces } from './freed-pieces.ts'
import { watchStaleSockets } from './stale-sockets.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** Shorter than the 5 s after which most servers close an idle connection. */
const KEEP_ALIVE_MS = 4_000

export interface HttpClientOptions extends GuardSettings {
  readonly connectionsPerOriginMax: number
  readonly connectTimeoutMs?: number
  /** Certificates (PEM) that are trusted beside Node's own. */
  readonly extraCa?: string
  /** URL of an outgoing HTTP proxy. It resolves the names, so that only names are checked and no address is pinned. */
  readonly proxy?: string
  readonly resolve?: Resolve
  readonly dial?: Dial
}

export interface HttpClient {
  readonly call: HttpCall
  readonly stream: HttpStreamCall
  readonly upload: HttpUploadCall
  /** Ends all connections at once; calls under way fail. Who wants them finished waits for them first. */
  readonly close: () => Promise<void>
}

/** Throws `config.invalid` for hosts and networks that cannot be read. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const guard = orThrow(createGuard(options))
  const dispatcher = createDispatcher(options)
  const staleSockets = watchStaleSockets()

  return {
    call: async (request) => {
      const signal = AbortSignal.timeout(request.timeoutMs)
      const host = hostOf(request.url)
      try {
        const answer = await send(request, signal, request.timeoutMs)
        const body = await readWhole(answer.body, request.bodyBytesMax, host)
        return { status: answer.statusCode, headers: joined(answer.headers), body }
      } catch (error) {
        throw callProblem(error, host, request.timeoutMs)
      }
    },

    stream: async (request: HttpStreamRequest) => {
      const tooLate = new AbortController()
      const timer = setTimeout(() => {
        tooLate.abort(new DOMException('no answer in time', 'TimeoutError'))
      }, request.timeoutMs)
      const signal = request.signal === undefined ? tooLate.signal : AbortSignal.any([tooLate.signal, request.signal])
      try {
        const { statusCode, headers, body, trailers } = await send(request, signal, request.bodyTimeoutMs)
        // Whoever destroys the body, or reads it, learns of errors there; without a listener Node would end the process.
        body.on('error', () => undefined)
        return { status: statusCode, headers: joined(headers), ...freedPieces(body), trailers: () => joined(trailers) }
      } catch (error) {
        throw callProblem(error, hostOf(request.url), request.timeoutMs)
      } finally {
        clearTimeout(timer)
      }
    },

    upload: async (request: HttpUpload) => {
      const { url, timeoutMs, body, bodyBytesMax } = request
      const host = hostOf(url)
      const patience = createPatience(timeoutMs)
      const signal = AbortSignal.any([patience.signal, request.signal])
      try {
        const answer = await send({ ...request, body: watched(body, patience) }, signal, timeoutMs)
        const said = await readBeginning(answer.body, bodyBytesMax)
        return { status: answer.statusCode, headers: joined(answer.headers), body: said }
      } catch (error) {
        throw callProblem(error, host, timeoutMs)
      } finally {
        patience.end()
      }
    },

    close: async () => {
      await dispatcher.destroy()
      staleSockets.close()
    },
  }

  /**
   * One retry if a kept-alive connection had died: the peer has most likely not seen the request, and if it has, it knows the
   * message by its id. Any other failure is for the caller, which knows whether to try again.
   */
  async function send(request: Sendable, signal: AbortSignal, bodyTimeout: number): Promise<Dispatcher.ResponseData> {
    const url = orThrow(judgeUrl(guard, request.url))
    if (options.proxy !== undefined) orThrow(judgeProxiedName(guard, url))
    const toSend: Dispatcher.RequestOptions = {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { 'accept-encoding': 'identity', ...request.headers },
      body: isStream(request.body) ? Readable.from(request.body, { objectMode: false }) : (request.body ?? null),
      signal,
      headersTimeout: 0, // the signal measures from the start, name resolution and connection included
      bodyTimeout,
    }
    try {
      return await untilAborted(dispatcher.request(toSend), signal)
    } catch (error) {
      const canRepeat = !isStream(request.body)
      if (!canRepeat || !staleSockets.causedIt(error) || signal.aborted) throw error
      return await untilAborted(dispatcher.request(toSend), signal)
    }
  }

  function createDispatcher({
    connectionsPerOriginMax: connections,
    connectTimeoutMs = CONNECT_TIMEOUT_MS,
    extraCa,
    proxy,
  }: HttpClientOptions): Dispatcher {
    const pool = {
      connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      allowH2: false,
    }
    if (proxy !== undefined) {
      const tls = trustedCertificates(extraCa)
      return new ProxyAgent({ ...pool, uri: proxy, connectTimeout: connectTimeoutMs, requestTls: tls, proxyTls: tls })
    }
    const { resolve = resolveByDns, dial = createDial({ connectTimeoutMs, extraCa }) } = options
    return new Agent({ ...pool, connect: guardedConnect(guard, resolve, dial) })
  }
}

/** undici heeds a signal only once it has a connection; resolving a name and connecting must not outlast it either. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => {
    aborted.reject(signal.reason)
  }
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What can be sent: a body that comes piece by piece, once only, or one that is there. */
type Sendable = Pick<HttpRequest, 'url' | 'headers'> & {
  readonly method: HttpRequest['method'] | HttpUpload['method']
  readonly body?: HttpRequest['body'] | HttpUpload['body']
}

function isStream(body: Sendable['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && Symbol.asyncIterator in body
}

/** A time-out for the other side alone. */
interface Patience {
  readonly signal: AbortSignal
  /** It is the other side's turn: the time begins anew. */
  readonly theirs: () => void
  /** It is ours: the time stands still. */
  readonly ours: () => void
  readonly end: () => void
}

function createPatience(timeoutMs: number): Patience {
  const tooLate = new AbortController()
  let isTheirs = true
  const timer = setTimeout(() => {
    if (isTheirs) tooLate.abort(new DOMException('nothing went on', 'TimeoutError'))
  }, timeoutMs)
  return {
    signal: tooLate.signal,
    theirs: () => {
      isTheirs = true
      timer.refresh()
    },
    ours: () => {
      isTheirs = false
    },
    end: () => {
      clearTimeout(timer)
    },
  }
}

/** The same pieces. One that is late is not the fault of whoever waits for it: it has a bound of its own where it comes from. */
async function* watched(body: AsyncIterable<Uint8Array>, { theirs, ours }: Patience): AsyncGenerator<Uint8Array> {
  try {
    ours()
    for await (const piece of body) {
      theirs()
      yield piece
      ours()
    }
  } finally {
    theirs()
  }
}

/** What is said beyond `bytesMax` is not waited for: whoever has the data has it, whatever else it tells us. */
async function readBeginning(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= bytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, bytesMax)
}

async function readWhole(body: AsyncIterable<Uint8Array>, bytesMax: number, host: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytesMax)
      throw new ProblemError(problem('peer.malformed', `expected at most ${bytesMax} bytes from ${host}, more came`))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the address'
}
