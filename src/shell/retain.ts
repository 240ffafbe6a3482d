// Removes what is over once its period is: a little at a time, in small transactions, each with the entry that stays in its
// place. Runs once a day, and when an administrator asks for it.

import { DELIVERY_ACTION } from '../domain/access/end-delivery.ts'
import {
  removeDeliveries,
  removeNegotiation,
  removeTransfer,
  SLICE_ROWS_MAX,
  type Cut,
  type NegotiationRemains,
  type Removal,
  type TransferRemains,
} from '../domain/retention/remove.ts'
import type { Negotiation } from '../domain/exchange/negotiation.ts'
import type { Transfer } from '../domain/exchange/transfer.ts'
import type { AgreementRow, Reader, Store, Table } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { later, toIso, type Clock, type Instant } from '../kernel/time.ts'
import type { ParticipantId, Pid } from '../protocol/ids.ts'
import type { Pause } from './ports.ts'
import type { SetTimer } from './timer.ts'

export interface RetainOptions {
  readonly store: Store
  readonly clock: Clock
  readonly self: ParticipantId
  readonly log: Log
  readonly setTimer: SetTimer
  readonly pause: Pause
  /** Days that each is kept after its end; 0 keeps it for good. */
  readonly periods: { readonly endedDays: number; readonly deliveriesDays: number }
}

/** How many rows of each table went. */
export type Removed = Readonly<Partial<Record<Table, number>>>

export interface Retention {
  readonly at: Instant
  readonly removed: Removed
}

export interface Retain {
  /** Removes all that is due now. Calls at the same moment share one run. Rejects with what the store said, and what went stays gone. */
  run(): Promise<Retention>
  /** The last run that came to its end since the start; null before the first. */
  last(): Retention | null
  start(): void
  /** Removes nothing more, and waits for the transaction that is under way. */
  stop(): Promise<void>
}

const DAY_MS = 24 * 60 * 60 * 1000
/** The start of a connector has other work to do. */
const FIRST_AFTER_MS = 10 * 60 * 1000
/** Things looked at before others get their turn. */
const PAGE = 50

export function createRetain({ store, clock, self, log, setTimer, pause, periods }: RetainOptions): Retain {
  const { reader } = store
  let underWay: Promise<Retention> | null = null
  let last: Retention | null = null
  let callOff: (() => void) | null = null
  let isStopping = false

  /** Null where this is kept for good. */
  function cutAfter(days: number): Cut | null {
    const now = clock()
    return days === 0 ? null : { self, now, before: later(now, -days * DAY_MS) }
  }

  async function runOnce(): Promise<Retention> {
    const removed: Partial<Record<Table, number>> = {}
    const isStopped = (): boolean => isStopping

    /** Slice by slice, each in a transaction of its own, and a pause after each. */
    async function remove<Rows>(load: (read: Reader) => Rows, decide: (rows: Rows) => Removal): Promise<void> {
      for (let isPart = true; isPart && !isStopped();) {
        const done = await store.transact(load, (rows) => {
          const removal = decide(rows)
          return { write: removal.write, result: removal }
        })
        for (const { table, count } of done.removed) removed[table] = (removed[table] ?? 0) + count
        isPart = done.isPart
        await pause()
      }
    }

    /** Page by page, each after the last row of the one before: what cannot go yet is passed by. */
    async function each<Row>(
      pageAfter: (last: Row | null) => readonly Row[],
      act: (row: Row) => Promise<void>,
    ): Promise<void> {
      for (let page = pageAfter(null); page.length > 0; page = pageAfter(page.at(-1) ?? null)) {
        for (const row of page) await act(row)
        if (isStopped()) return
      }
    }

    const deliveries = cutAfter(periods.deliveriesDays)
    if (deliveries !== null) {
      await remove(
        (read) => read.oldDeliveries(deliveries.before, SLICE_ROWS_MAX),
        (rows) => removeDeliveries(rows, deliveries),
      )
    }
    const ended = cutAfter(periods.endedDays)
    if (ended !== null) {
      const { before } = ended
      const removeWhole = (pid: Pid): Promise<void> =>
        remove(
          (read) => negotiationRemains(read, pid),
          (rows) => removeNegotiation(rows, ended),
        )
      // Transfers first: an agreement that was ended goes when they have gone.
      await each<Transfer>(
        (last) => reader.transfersOver(before, last, PAGE),
        ({ pid }) =>
          remove(
            (read) => transferRemains(read, pid),
            (rows) => removeTransfer(rows, ended),
          ),
      )
      await each<Negotiation>(
        (last) => reader.negotiationsOver(before, last, PAGE),
        ({ pid }) => removeWhole(pid),
      )
      await each<AgreementRow>(
        (last) => reader.agreementsOver(before, last, PAGE),
        ({ negotiationPid }) => removeWhole(negotiationPid),
      )
    }
    return { at: clock(), removed }
  }

  function run(): Promise<Retention> {
    underWay ??= runOnce()
      .then((done) => {
        last = done
        const count = Object.values(done.removed).reduce((sum, each) => sum + each, 0)
        if (count > 0) log.info('retention.removed', { rows: done.removed, at: toIso(done.at) })
        return done
      })
      .finally(() => {
        underWay = null
      })
    return underWay
  }

  function sleep(ms: number): void {
    if (isStopping) return
    callOff = setTimer(ms, () => {
      run()
        .catch((error: unknown) => {
          log.error('retention.failed', { error, hint: 'it is tried again tomorrow' })
        })
        .finally(() => {
          sleep(DAY_MS)
        })
    })
  }

  return {
    run,
    last: () => last,
    start: () => {
      sleep(FIRST_AFTER_MS)
    },
    stop: async () => {
      isStopping = true
      callOff?.()
      await underWay?.catch(() => null)
    },
  }
}

function transferRemains(read: Reader, pid: Pid): TransferRemains {
  return {
    transfer: read.get('transfer', pid),
    outbox: read.get('outbox', pid),
    inbox: read.inboxOf(pid, SLICE_ROWS_MAX),
    deliveries: read.deliveriesOf(pid, SLICE_ROWS_MAX),
    accessTokens: read.accessTokensOf(pid).slice(0, SLICE_ROWS_MAX),
    push: read.get('push', pid),
    reception: read.get('reception', pid),
  }
}

function negotiationRemains(read: Reader, pid: Pid): NegotiationRemains {
  const negotiation = read.get('negotiation', pid)
  const agreement = read.get('agreement', negotiation?.agreementId ?? '')
  return {
    negotiation,
    outbox: read.get('outbox', pid),
    inbox: read.inboxOf(pid, SLICE_ROWS_MAX),
    offers: read.offersOf(pid).slice(0, SLICE_ROWS_MAX),
    agreement,
    counter: agreement === null ? null : read.get('counter', agreement.id, DELIVERY_ACTION),
    usage: agreement === null ? null : read.get('usage', agreement.id),
    hasTransfers: agreement !== null && read.transfersOf(agreement.id).length > 0,
  }
}
