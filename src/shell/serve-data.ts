// Serves data: looks at the source, admits the request in one transaction, streams, and cuts the stream as soon as the answer
// changes.

import type { Writable } from 'node:stream'
import { admitDelivery, mayOpen, type AccessRequest, type Admission } from '../domain/access/admit.ts'
import { endDelivery, type Ended } from '../domain/access/end-delivery.ts'
import { accessTokenHash, readAccessToken } from '../domain/delivery/access-token.ts'
import { takesMethod } from '../domain/delivery/http-source.ts'
import type { DatasetRow, Store } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { orThrow, problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import { announcedLength, answerHeaders, answerStatus, answerTrailers, trails } from '../dataplane/answer-headers.ts'
import { countedRecords, hasRecords } from '../dataplane/counted-records.ts'
import type { OpenedSource, Posted, SourceRequest } from '../dataplane/opened-source.ts'
import { pump, type PumpResult } from '../dataplane/pump.ts'
import { accessRows, endRows, type Standing } from './access-rows.ts'
import type { OpenDataset } from './open-dataset.ts'
import type { NewScene } from './ports.ts'
import type { SetTimer } from './timer.ts'
import { watchStream, type Watch } from './watch-stream.ts'

export interface ServeDataOptions {
  readonly store: Store
  /** Whether we talk to that participant at all; asked again while its streams run. */
  readonly standing: Standing
  readonly openDataset: OpenDataset
  readonly newScene: NewScene
  readonly newDeliveryId: () => string
  readonly clock: Clock
  readonly log: Log
  readonly setTimer: SetTimer
  readonly streamsMax: number
}

export interface DataRequest extends Omit<SourceRequest, 'posted'> {
  readonly transferPid: string
  readonly authorization: string | undefined
  readonly purpose: string | null
  /** The address that the connection comes from. */
  readonly address?: string | null
  /** Whether the answer can carry trailers (HTTP/1.1, not HEAD). */
  readonly canTrail: boolean
  /** Told of all bytes that have left so far, piece by piece. */
  readonly onBytes?: (total: number) => void
  /** Reads the body of a POST, within its bound; called once it is certain that the source takes one. */
  readonly readBody: () => Promise<Posted>
}

/** An admitted request: the head of its answer, and the body when it is asked for. */
export interface Served {
  readonly status: 200 | 206 | 304 | 416
  readonly headers: Readonly<Record<string, string>>
  /** Streams into `destination`, which must be an HTTP response (see `onTaken` of pump.ts), and ends it; resolves when all is on record. `trail` sets the trailers before the end. */
  send(destination: Writable, trail: (trailers: Readonly<Record<string, string>>) => void): Promise<PumpResult>
}

export interface ServeData {
  /** Streams that run now. */
  running(): number
  serve(request: DataRequest): Promise<Served>
  /** Takes nothing new, and cuts what runs; resolves when all of it is on record. */
  stop(): Promise<void>
}

const STOPPING = problem('stopping', 'the connector is stopping')

export function createServeData(options: ServeDataOptions): ServeData {
  const { store, standing, openDataset, newScene, newDeliveryId, clock, log, setTimer, streamsMax } = options
  const live = new Set<Watch & { readonly done: Promise<unknown> }>()
  let opening = 0
  let isStopping = false
  store.onCommit((writes) => {
    for (const stream of live) stream.recheck(writes)
  })

  async function serve(request: DataRequest): Promise<Served> {
    const hash = accessTokenHash(orThrow(readAccessToken(request.authorization)))
    if (isStopping) throw new ProblemError(STOPPING)
    if (live.size + opening >= streamsMax)
      throw new ProblemError(problem('busy.limit', `${String(streamsMax)} streams are running`))
    opening++
    try {
      return await opened(hash, request)
    } finally {
      opening--
    }
  }

  /**
   * The source is opened before the use is counted, and only for a request that may have it: what it says decides whether the
   * request continues a delivery, and an answer without a body (HEAD, 304, 416, a source that fails) counts nothing. With POST
   * it is the other way round, because opening it is what does something.
   */
  async function opened(hash: string, request: DataRequest): Promise<Served> {
    const asked = askFor(request)
    const first = mayOpen(rowsOf(hash, asked), asked, clock())
    if (!first.ok) return refuse(hash, asked, first.problem)
    if (request.method === 'POST') return posted(hash, asked, first.dataset, request)

    const source = await openDataset(first.dataset, request).catch(async (error: unknown) => {
      await admit(hash, { ...asked, counts: false }).catch(() => null)
      throw error
    })
    const isData = source.answer === 'data' && request.method === 'GET'
    const { etag, size, part } = source
    const sending = { ...asked.sending, etag, size, part }
    const about = { ...asked, counts: isData, sending, hasRecords: hasRecords(source.mediaType) }
    const admission = await admit(hash, about).catch(async (error: unknown) => {
      await source.close()
      throw error
    })
    return served(admission, source, request, isData)
  }

  async function posted(hash: string, asked: Asked, { source }: DatasetRow, request: DataRequest): Promise<Served> {
    if (source === null || source.type !== 'http' || !takesMethod(source, 'POST'))
      return refuse(hash, asked, problem('source.method', 'this data takes no POST', 'method'))
    const body = await request.readBody()
    const admission = await admit(hash, asked)
    const answer = await openDataset(admission.dataset, { ...request, posted: body }).catch(async (error: unknown) => {
      const reason = error instanceof ProblemError ? error.problem : null
      await end(admission, { bytes: 0, records: null, digest: null, outcome: 'source-failed', reason })
      throw error
    })
    return served(admission, answer, request, true)
  }

  function askFor(request: DataRequest): Asked {
    const { transferPid, purpose, address = null, method, rest, query, conditions } = request
    const isContinuation =
      method === 'GET' && (conditions?.range ?? null) !== null && (conditions?.ifRange ?? null) !== null
    const path = query === '' ? rest : `${rest}?${query}`
    const sending = { path, etag: null, size: null, part: null, isContinuation }
    return { transferPid, purpose, address, deliveryId: newDeliveryId(), counts: method !== 'HEAD', sending }
  }

  function rowsOf(hash: string, { sending: { path, isContinuation } }: Asked): ReturnType<typeof accessRows> {
    return accessRows(store.reader, hash, standing, isContinuation ? path : null, clock())
  }

  async function admit(hash: string, asked: Asked): Promise<Admission> {
    const scene = newScene()
    const { path, isContinuation } = asked.sending
    const admitted = await store.transact(
      (read) => accessRows(read, hash, standing, isContinuation ? path : null, scene.now),
      (rows) => admitDelivery(rows, asked, scene),
    )
    if (!admitted.ok) throw new ProblemError(admitted.problem)
    return admitted.value
  }

  /** Puts the refusal on record as the decision that it is, and throws it. */
  async function refuse(hash: string, asked: Asked, why: Problem): Promise<never> {
    await admit(hash, { ...asked, counts: false })
    throw new ProblemError(why)
  }

  function served(admission: Admission, source: OpenedSource, request: DataRequest, isData: boolean): Served {
    return {
      status: answerStatus(source),
      headers: answerHeaders(source, request.canTrail),
      send: (destination, trail) =>
        isData ? stream(admission, source, destination, trail, request) : headOnly(source, destination),
    }
  }

  async function headOnly(source: OpenedSource, destination: Writable): Promise<PumpResult> {
    await source.close()
    destination.end()
    return { bytes: 0, digest: null, outcome: 'complete' }
  }

  async function stream(
    admission: Admission,
    source: OpenedSource,
    destination: Writable,
    trail: (trailers: Readonly<Record<string, string>>) => void,
    { purpose, address = null, onBytes: tell }: DataRequest,
  ): Promise<PumpResult> {
    const watch = watchStream({ store, standing, clock, setTimer }, admission, { purpose, address })
    const { signal } = watch
    const onBytes = (total: number): void => {
      tell?.(total)
      watch.onBytes(total)
    }
    const hash = trails(source)
    const beforeEnd = (digest: string | null): void => {
      trail(answerTrailers(source, digest))
    }
    const { gate } = watch
    const body = gate === null ? source.body : countedRecords(source.body, gate)
    // Where records are counted a piece may leave in two.
    const recycle = gate === null ? source.recycle : undefined
    const delivered = pump(body, destination, {
      ...{ signal, onBytes, hash, beforeEnd, length: announcedLength(source) },
      ...(recycle !== undefined && { onTaken: recycle }),
    })
    const finished = delivered.then(async (result) => {
      watch.stop()
      await source.close()
      if (result.outcome === 'complete' && result.digest !== null) source.learn(result.digest)
      const reason = result.cause instanceof ProblemError ? result.cause.problem : null
      const isWhole = result.outcome === 'complete' && source.part === null
      const records = watch.records()
      await end(admission, { ...result, records, digest: result.digest ?? (isWhole ? source.digest : null), reason })
      return result
    })
    const entry = { ...watch, done: finished.catch(() => null) }
    live.add(entry)
    // It was being opened when the others were cut.
    if (isStopping) watch.cut(STOPPING)
    try {
      return await finished
    } finally {
      live.delete(entry)
    }
  }

  async function end({ delivery }: Admission, ended: Ended): Promise<void> {
    const scene = newScene()
    try {
      await store.transact(
        (read) => endRows(read, delivery),
        (rows) => ({ write: rows === null ? [] : endDelivery(rows, ended, scene), result: null }),
      )
    } catch (error) {
      // It stays open on record and is closed as interrupted at the next start; the bytes cannot be called back.
      log.error('delivery.unrecorded', { delivery: delivery.id, error })
    }
  }

  return {
    serve,
    running: () => live.size,
    stop: async () => {
      isStopping = true
      for (const each of live) each.cut(STOPPING)
      await Promise.all([...live].map(({ done }) => done))
    },
  }
}

type Asked = AccessRequest & Required<Pick<AccessRequest, 'sending'>>
