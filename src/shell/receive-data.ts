// Takes the data that a provider pushes to a transfer of ours, puts it into the sink, and puts both ends on record.

import { accessTokenHash, readAccessToken } from '../domain/delivery/access-token.ts'
import { openSealedSink, type DataSink } from '../domain/delivery/sink.ts'
import type { OpenSecret } from '../domain/delivery/sealed-source.ts'
import { entry, traceOf } from '../domain/exchange/inbound.ts'
import { isOpen, type Transfer } from '../domain/exchange/transfer.ts'
import type { ReceptionRow, Reader, Store, Write } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import type { ByteStream } from '../kernel/http-call.ts'
import { good, orThrow, problem, ProblemError, type Problem, type Result } from '../kernel/problem.ts'
import { holdErrors, measuredBody } from '../dataplane/measured-body.ts'
import type { FillSink } from '../dataplane/fill-sink.ts'
import { verifiedBody, type VerifiedBody } from '../dataplane/verified-body.ts'
import type { Standing } from './access-rows.ts'
import type { RefusalBound } from './bound-refusals.ts'
import type { NewScene } from './ports.ts'

export interface ReceiveDataOptions {
  readonly store: Store
  /** Whether we talk to that participant at all: a token of ours would outlive that. */
  readonly isAdmitted: Standing['isAdmitted']
  readonly refusals: RefusalBound
  readonly newScene: NewScene
  readonly openSecret: OpenSecret
  readonly fillSink: FillSink
  readonly log: Log
  /** The most that is accepted, in bytes. */
  readonly bytesMax: number
  /** Receptions under way at a time. */
  readonly streamsMax: number
}

/** A request that brings data. */
export interface Arriving {
  /** Our own pid of the transfer. */
  readonly transferPid: string
  readonly authorization: string | undefined
  readonly mediaType: string
  /** What was announced, in bytes; null where nothing was. */
  readonly size: number | null
  readonly body: ByteStream
  /** The digest that a header or a trailer announces; asked at the end. */
  readonly announced: () => string | null
  /** Called once the token is good and all of it may come. */
  readonly onAdmitted: () => void
}

export interface Received {
  readonly bytes: number
  readonly digest: string
}

export interface ReceiveData {
  /** Whether the data of that transfer is sent to us. Says nothing about who may send it. */
  expects(transferPid: string): boolean
  /**
   * Resolves when all of it is in the sink and on record. A repeat of what has arrived already is read and thrown away. Throws
   * `token.unknown`, `participant.not-admitted`, `transfer.not-started`, `body.too-large`, `busy.limit` (also to whoever sent too
   * often what was lost), `secret.sealed`, and what the sink throws.
   */
  receive(arriving: Arriving): Promise<Received>
  /** Takes nothing new, and breaks off what runs; resolves when all of it is on record. */
  stop(): Promise<void>
}

const NOT_ADMITTED = problem('participant.not-admitted', 'this participant is not admitted here any more')

interface Live {
  readonly transfer: Pick<Transfer, 'pid' | 'counterparty'>
  readonly control: AbortController
  readonly done: Promise<unknown>
}

export function createReceiveData(options: ReceiveDataOptions): ReceiveData {
  const { store, isAdmitted, refusals, newScene, openSecret, fillSink, log, bytesMax, streamsMax } = options
  const live = new Map<string, Live>()
  let isStopping = false
  store.onCommit((writes) => {
    for (const { transfer, control } of live.values()) {
      // One commit may move it twice: a reply that proves our own move, and what it says itself.
      const moved = writes.map((write) => transferIn(write, transfer.pid)).findLast((row) => row !== null)
      if (moved !== undefined && !isOpen(moved)) control.abort(new ProblemError(notStarted(moved)))
      const isOfPeers = writes.some((write) => 'remove' in write && write.remove === 'peer')
      if (isOfPeers && !isAdmitted(transfer.counterparty)) control.abort(new ProblemError(NOT_ADMITTED))
    }
  })

  function admitted(read: Reader, pid: string, hash: string): Admitted {
    const found = receptionOf(read, pid, hash)
    return found.ok && !isAdmitted(found.value.transfer.counterparty) ? { ok: false, problem: NOT_ADMITTED } : found
  }

  async function receive(arriving: Arriving): Promise<Received> {
    const hash = accessTokenHash(orThrow(readAccessToken(arriving.authorization)))
    const { transfer, reception } = orThrow(admitted(store.reader, arriving.transferPid, hash))
    refusals.check(transfer.counterparty)
    if (arriving.size !== null && arriving.size > bytesMax) {
      const sentence = `expected at most ${String(bytesMax)} bytes, ${String(arriving.size)} are announced`
      throw new ProblemError(problem('body.too-large', sentence))
    }
    if (isStopping) throw new ProblemError(problem('stopping', 'the connector is stopping'))
    if (live.has(transfer.pid) || live.size >= streamsMax)
      throw new ProblemError(problem('busy.limit', 'this data, or as much as may be, is being received already'))
    const sink = orThrow(openSealedSink(reception.sink, transfer.pid, openSecret))

    arriving.onAdmitted()
    const control = new AbortController()
    const done = taken(arriving, hash, sink, control.signal)
    live.set(transfer.pid, { transfer, control, done: done.catch(() => null) })
    try {
      return await done
    } finally {
      live.delete(transfer.pid)
    }
  }

  async function taken(arriving: Arriving, hash: string, sink: DataSink, signal: AbortSignal): Promise<Received> {
    const { transferPid, mediaType, size, announced } = arriving
    const measured = measuredBody(unbroken(arriving.body), { announced: size, bytesMax })
    const kept = await begin(transferPid, hash, { mediaType, size })
    if (kept !== null) {
      await readAll(measured, signal)
      return kept
    }
    const verified = verifiedBody(measured, announced)
    try {
      await fillSink(sink, { owner: transferPid, body: verified.body, mediaType, size, signal })
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error
      await lost(transferPid, verified, reason instanceof ProblemError ? reason.problem : null)
      throw reason
    }
    return finish(transferPid, verified, announced())
  }

  /** What arrived before, if it did; else the beginning is on record. */
  async function begin(
    pid: string,
    hash: string,
    told: { readonly mediaType: string; readonly size: number | null },
  ): Promise<Received | null> {
    const { self, now } = newScene()
    const begun = await store.transact(
      (read) => admitted(read, pid, hash),
      (found): { readonly write: readonly Write[]; readonly result: Result<Received | null> } => {
        if (!found.ok) return { write: [], result: found }
        const { transfer, reception } = found.value
        const { bytes, digest, doneAt, sink } = reception
        if (doneAt !== null && bytes !== null && digest !== null) return { write: [], result: good({ bytes, digest }) }
        const arriving = entry('delivery.arriving', transfer, self, now, { ext: { ...told, sink: sink.type } })
        return { write: [arriving], result: good(null) }
      },
    )
    return orThrow(begun)
  }

  async function finish(pid: string, verified: VerifiedBody, announcedDigest: string | null): Promise<Received> {
    const { self, now } = newScene()
    const received = { bytes: verified.bytes(), digest: verified.digest() ?? '' }
    await store.transact(
      (read) => ({ transfer: read.get('transfer', pid), reception: read.get('reception', pid) }),
      ({ transfer, reception }) => ({
        write:
          transfer === null || reception === null
            ? []
            : [
                { put: 'reception', row: { ...reception, ...received, doneAt: now } },
                entry('delivery.received', transfer, self, now, { ext: { ...received, announcedDigest } }),
              ],
        result: null,
      }),
    )
    return received
  }

  async function lost(pid: string, verified: VerifiedBody, reason: Problem | null): Promise<void> {
    const { self, now } = newScene()
    const why = reason === null ? {} : traceOf(reason)
    try {
      const transfer = await store.transact(
        (read) => read.get('transfer', pid),
        (transfer) => ({
          write:
            transfer === null
              ? []
              : [entry('delivery.lost', transfer, self, now, { ext: { bytes: verified.bytes(), ...why } })],
          result: transfer,
        }),
      )
      if (transfer !== null) refusals.note(transfer.counterparty)
    } catch (error) {
      // Why it was lost is what the provider must learn; that this is not on record is for the operator.
      log.error('delivery.unrecorded', { transfer: pid, error })
    }
  }

  return {
    expects: (transferPid) => store.reader.get('reception', transferPid) !== null,
    receive,
    stop: async () => {
      isStopping = true
      for (const { control } of live.values())
        control.abort(new ProblemError(problem('stopping', 'the connector is stopping')))
      await Promise.all([...live.values()].map(({ done }) => done))
    },
  }
}

/** The same bytes; a connection that breaks is a Problem like any other end that comes too early. */
function unbroken(body: ByteStream): ByteStream {
  holdErrors(body)
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* body
      } catch (cause) {
        throw new ProblemError(problem('data.cut', 'the connection broke before all of the data was there'), { cause })
      }
    },
    destroy: (error) => body.destroy(error),
  }
}

type Admitted =
  | { readonly ok: true; readonly value: { readonly transfer: Transfer; readonly reception: ReceptionRow } }
  | { readonly ok: false; readonly problem: Problem }

/** The token is good for this transfer, and only while that is open. */
function receptionOf(read: Reader, pid: string, hash: string): Admitted {
  const reception = read.get('reception', pid)
  const transfer = read.get('transfer', pid)
  if (reception === null || transfer === null || reception.tokenHash !== hash)
    return { ok: false, problem: problem('token.unknown', 'this is no token of this transfer') }
  return isOpen(transfer) ? { ok: true, value: { transfer, reception } } : { ok: false, problem: notStarted(transfer) }
}

function notStarted({ state }: Transfer): Problem {
  return problem('transfer.not-started', `the transfer is ${state}, and takes no data`)
}

function transferIn(write: Write, pid: string): Transfer | null {
  return 'put' in write && write.put === 'transfer' && write.row.pid === pid ? write.row : null
}

/** What is kept already is read to its end and thrown away: the sender reads our answer only then. */
async function readAll(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const pieces = body[Symbol.asyncIterator]()
  while ((await pieces.next()).done !== true) signal.throwIfAborted()
}
