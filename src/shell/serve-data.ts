// Serves data: admits the request in one transaction, streams, and cuts the stream as soon as the answer changes.

import type { Writable } from 'node:stream'
import {
  admitDelivery,
  DELIVERY_ACTION,
  endDelivery,
  mayContinue,
  type Admission,
  type StreamRows,
} from '../domain/access/admit.ts'
import { accessTokenHash, readAccessToken } from '../domain/delivery/access-token.ts'
import type { DataSource } from '../domain/delivery/source.ts'
import type { DeliveryRow, Reader, Store, Write } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { orThrow, problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import { answerHeaders, answerTrailers } from '../dataplane/answer-headers.ts'
import type { OpenedSource, SourceRequest } from '../dataplane/opened-source.ts'
import { pump, type PumpResult } from '../dataplane/pump.ts'
import type { NewScene } from './ports.ts'

export interface ServeDataOptions {
  readonly store: Store
  /** Whether we talk to that participant at all; asked again while its streams run. */
  readonly isAdmitted: (participant: string) => boolean
  readonly openSource: (source: DataSource, request: SourceRequest) => Promise<OpenedSource>
  readonly newScene: NewScene
  readonly newDeliveryId: () => string
  readonly clock: Clock
  readonly log: Log
  readonly streamsMax: number
}

export interface DataRequest extends SourceRequest {
  readonly transferPid: string
  readonly authorization: string | undefined
  readonly purpose: string | null
  /** Whether the answer can carry trailers (HTTP/1.1, not HEAD). */
  readonly canTrail: boolean
}

/** An admitted request: the head of its answer, and the body when it is asked for. */
export interface Served {
  readonly headers: Readonly<Record<string, string>>
  /** Streams into `destination` and ends it; resolves when all is on record. `trail` sets the trailers before the end. */
  send(destination: Writable, trail: (trailers: Readonly<Record<string, string>>) => void): Promise<PumpResult>
}

export interface ServeData {
  serve(request: DataRequest): Promise<Served>
  /** Cuts what runs; resolves when all of it is on record. */
  stop(): Promise<void>
}

/** A stream that runs is asked again at least this often: another process may have changed the database. */
const RECHECK_MS = 500

export function createServeData(options: ServeDataOptions): ServeData {
  const { store, isAdmitted, openSource, newScene, newDeliveryId, clock, log, streamsMax } = options
  const live = new Set<{
    readonly recheck: (writes: readonly Write[] | null) => void
    readonly cut: (why: Problem) => void
    done: Promise<unknown>
  }>()
  store.onCommit((writes) => {
    for (const stream of live) stream.recheck(writes)
  })

  async function serve(request: DataRequest): Promise<Served> {
    const hash = accessTokenHash(orThrow(readAccessToken(request.authorization)))
    if (live.size >= streamsMax)
      throw new ProblemError(problem('busy.limit', `${String(streamsMax)} streams are running`))
    const { transferPid, purpose, method } = request
    const scene = newScene()
    const access = { transferPid, purpose, deliveryId: newDeliveryId(), counts: method === 'GET' }
    const admitted = await store.transact(
      (read) => accessRows(read, hash, isAdmitted),
      (rows) => admitDelivery(rows, access, scene),
    )
    if (!admitted.ok) throw new ProblemError(admitted.problem)

    const admission = admitted.value
    const opened = await open(admission, request).catch(async (error: unknown) => {
      if (access.counts) await end(admission, { bytes: 0, digest: null, outcome: 'source-failed' })
      throw error
    })
    return {
      headers: answerHeaders(opened, request.canTrail),
      send: (destination, trail) =>
        access.counts ? stream(admission, opened, destination, trail, purpose) : headOnly(opened, destination),
    }
  }

  function open({ dataset }: Admission, request: DataRequest): Promise<OpenedSource> {
    if (dataset.source === null)
      throw new ProblemError(problem('source.unavailable', 'this dataset is served elsewhere'))
    return openSource(dataset.source, request)
  }

  async function headOnly(opened: OpenedSource, destination: Writable): Promise<PumpResult> {
    await opened.close()
    destination.end()
    return { bytes: 0, digest: null, outcome: 'complete' }
  }

  async function stream(
    admission: Admission,
    opened: OpenedSource,
    destination: Writable,
    trail: (trailers: Readonly<Record<string, string>>) => void,
    purpose: string | null,
  ): Promise<PumpResult> {
    const control = new AbortController()
    const watch = watchStream(admission, purpose, control)
    const delivered = pump(opened.body, destination, {
      signal: control.signal,
      hash: opened.digest === null,
      beforeEnd: (digest) => {
        trail(answerTrailers(opened, digest))
      },
    })
    const finished = delivered.then(async (result) => {
      watch.stop()
      await opened.close()
      if (result.outcome === 'complete' && result.digest !== null) opened.learn(result.digest)
      const reason = result.cause instanceof ProblemError ? result.cause.problem : null
      await end(admission, {
        ...result,
        digest: result.digest ?? (result.outcome === 'complete' ? opened.digest : null),
        reason,
      })
      return result
    })
    const entry = { ...watch, done: finished.catch(() => null) }
    live.add(entry)
    try {
      return await finished
    } finally {
      live.delete(entry)
    }
  }

  /** Asks again after every commit that may matter, when time alone may change the answer, and twice a second. */
  function watchStream(
    { transfer, agreement }: Admission,
    purpose: string | null,
    control: AbortController,
  ): { recheck: (writes: readonly Write[] | null) => void; cut: (why: Problem) => void; stop: () => void } {
    let timer: NodeJS.Timeout
    const cut = (why: Problem): void => {
      control.abort(new ProblemError(why))
    }
    const check = (): void => {
      clearTimeout(timer)
      const now = clock()
      const answer = mayContinue(streamRows(store.reader, transfer.pid, agreement.id, isAdmitted), purpose, now)
      if (!answer.ok) {
        cut(answer.problem)
        return
      }
      const wait = answer.checkAt === null ? RECHECK_MS : Math.min(RECHECK_MS, Math.max(1, answer.checkAt - now))
      timer = setTimeout(check, wait)
    }
    timer = setTimeout(check, 0)
    return {
      recheck: (writes) => {
        if (writes === null || writes.some((write) => concerns(write, transfer.pid, agreement.id))) check()
      },
      cut,
      stop: () => {
        clearTimeout(timer)
      },
    }
  }

  async function end(
    { delivery, transfer }: Admission,
    ended: Pick<DeliveryRow, 'bytes' | 'digest' | 'outcome'> & { readonly reason?: Problem | null },
  ): Promise<void> {
    const scene = newScene()
    try {
      await store.transact(
        (read) => ({
          row: read.get('delivery', delivery.id) ?? delivery,
          transfer: read.get('transfer', transfer.pid) ?? transfer,
          used: read.get('counter', delivery.agreementId, DELIVERY_ACTION)?.used ?? 0,
        }),
        (rows) => ({ write: endDelivery(rows.row, rows.transfer, rows.used, ended, scene), result: null }),
      )
    } catch (error) {
      // It stays open on record and is closed as interrupted at the next start; the bytes cannot be called back.
      log.error('delivery.unrecorded', { delivery: delivery.id, error })
    }
  }

  return {
    serve,
    stop: async () => {
      for (const each of live) each.cut(problem('stopping', 'the connector is stopping'))
      await Promise.all([...live].map(({ done }) => done))
    },
  }
}

/** Closes what a crash left open: nothing is given back, for nobody knows what was read. */
export async function closeInterrupted(store: Store, newScene: NewScene): Promise<number> {
  const open = store.reader.openDeliveries()
  for (const delivery of open) {
    const scene = newScene()
    await store.transact(
      (read) => read.get('transfer', delivery.transferPid),
      (transfer) => ({
        write:
          transfer === null
            ? []
            : endDelivery(
                delivery,
                transfer,
                0,
                { bytes: delivery.bytes, digest: null, outcome: 'interrupted' },
                scene,
              ),
        result: null,
      }),
    )
  }
  return open.length
}

function streamRows(
  read: Reader,
  transferPid: string,
  agreementId: string,
  isAdmitted: ServeDataOptions['isAdmitted'],
): StreamRows {
  const agreement = read.get('agreement', agreementId)
  return {
    transfer: read.get('transfer', transferPid),
    agreement,
    peer: agreement === null ? null : read.get('peer', agreement.counterparty),
    isAdmitted: agreement !== null && isAdmitted(agreement.counterparty),
    used: read.get('counter', agreementId, DELIVERY_ACTION)?.used ?? 0,
  }
}

function accessRows(
  read: Reader,
  hash: string,
  isAdmitted: ServeDataOptions['isAdmitted'],
): Parameters<typeof admitDelivery>[0] {
  const token = read.get('accessToken', hash)
  const transfer = token === null ? null : read.get('transfer', token.transferPid)
  if (token === null || transfer === null) {
    return {
      token: null,
      transfer: null,
      agreement: null,
      peer: null,
      isAdmitted: false,
      used: 0,
      outbox: null,
      tokens: [],
      dataset: null,
    }
  }
  return {
    ...streamRows(read, transfer.pid, transfer.agreementId, isAdmitted),
    token,
    outbox: read.get('outbox', transfer.pid),
    tokens: read.accessTokensOf(transfer.pid),
    dataset: read.get('dataset', transfer.datasetId),
  }
}

/** Whether a write may change what a stream of this transfer is allowed. */
function concerns(write: Write, transferPid: string, agreementId: string): boolean {
  if ('remove' in write) return write.remove === 'peer'
  if (!('put' in write)) return false
  switch (write.put) {
    case 'transfer':
      return write.row.pid === transferPid
    case 'agreement':
      return write.row.id === agreementId
    case 'counter':
      return write.row.agreementId === agreementId
    case 'peer':
      return true
    default:
      return false
  }
}
