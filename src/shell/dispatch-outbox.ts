// Sends what stands in the outbox: one message in flight per process, a bounded number in all and per peer. Woken by
// commits and by the next due time; never polls.

import { classify, isAnsweredByMove, retryDelayMs, UNDER_WAY_MS, type Attempt } from '../domain/exchange/delivery.ts'
import { exchangeOf, settleAttempt, type Outcome } from '../domain/exchange/settle.ts'
import type { Process } from '../domain/exchange/steps.ts'
import type { OutboxRow, Reader, Store } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { problem, ProblemError, type Problem } from '../kernel/problem.ts'
import { later, type Clock } from '../kernel/time.ts'
import { readPeerError } from '../protocol/dsp/error.ts'
import { readAck } from '../protocol/dsp/ack.ts'
import { segment } from '../protocol/dsp/paths.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { DspAnswer, DspClient } from '../wire/dsp-client.ts'
import type { Hold, NewScene } from './ports.ts'
import { isPidOfAnother } from './read-inbound.ts'
import type { SetTimer } from './timer.ts'

export interface DispatcherOptions {
  readonly store: Store
  readonly client: DspClient
  readonly clock: Clock
  readonly newScene: NewScene
  /** A number in [0, 1) for the jitter of retries. */
  readonly random: () => number
  readonly log: Log
  readonly setTimer: SetTimer
  readonly inFlightMax: number
  readonly perPeerInFlightMax: number
}

export interface Dispatcher {
  readonly hold: Hold
  start(): void
  /** Sends nothing more and waits for what is in flight. */
  stop(): Promise<void>
}

/** Timers are armed anew at least this often: a clock that jumps must not leave the outbox asleep. */
const SLEEP_MAX_MS = 60_000
const SHORTAGE_WAIT_MS = 1_000
/** About as long as a peer near by takes to send its next move, which then shares a commit with the ACK before it. */
const ACK_PATIENCE_MS = 5
/** A peer that refuses and says so often that it knows no such process has none: then there is nothing to agree on. */
const GONE_AFTER_ATTEMPTS = 8

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, client, clock, newScene, random, log, setTimer, inFlightMax, perPeerInFlightMax } = options
  const held = new Map<string, number>()
  const inFlight = new Map<string, { readonly counterparty: ParticipantId; readonly done: Promise<void> }>()
  let callOff: (() => void) | null = null
  let scheduled = false
  let running = false

  function wake(): void {
    if (!running || scheduled) return
    scheduled = true
    setTimer(0, () => {
      scheduled = false
      if (running) sendDue()
    })
  }

  function sendDue(): void {
    const now = clock()
    const room = inFlightMax - inFlight.size
    if (room > 0) {
      const rows = store.reader.outboxDue(now, room + inFlight.size + held.size, busyPeers())
      for (const row of rows) {
        if (inFlight.size >= inFlightMax) break
        if (!inFlight.has(row.pid) && !held.has(row.pid) && inFlightTo(row.counterparty) < perPeerInFlightMax)
          launch(row)
      }
    }
    callOff?.()
    const next = store.reader.outboxNextDueAt(now)
    callOff = next === null ? null : setTimer(Math.min(next - now, SLEEP_MAX_MS), wake)
  }

  function launch(row: OutboxRow): void {
    const done = deliver(row)
      .catch((error: unknown) => {
        // The row stands where it stood: it is tried again, a little later so that a full disk is not asked without pause.
        log.error('outbox.failed', { pid: row.pid, error })
        setTimer(SHORTAGE_WAIT_MS, hold(row.pid))
      })
      .finally(() => {
        inFlight.delete(row.pid)
      })
    inFlight.set(row.pid, { counterparty: row.counterparty, done })
    void done.then(wake)
  }

  function hold(pid: string): () => void {
    held.set(pid, (held.get(pid) ?? 0) + 1)
    let released = false
    return () => {
      if (released) return
      released = true
      const left = (held.get(pid) ?? 1) - 1
      if (left > 0) held.set(pid, left)
      else held.delete(pid)
      wake()
    }
  }

  async function deliver(row: OutboxRow): Promise<void> {
    if (isLastLook(row)) return lookOnce(row)
    const { answer, attempt, failure } = await post(row)
    const attempts = row.attempts + 1
    const process = processOf(store.reader, row)
    if (process === null) return
    const verdict = classify(attempt, attempts, row.lastStatus, process.peerMovedAt, clock())
    log.debug('outbox.attempt', { pid: row.pid, move: row.move, attempts, verdict, status: answer?.status })

    if (verdict === 'acknowledged')
      return settle(row, { kind: 'acknowledged', peerPid: readAck(answer?.json).pidOf(other(process)) })
    const reason = failure ?? refusalOf(answer)
    if (verdict === 'hopeless') return settle(row, { kind: 'ended', reason })
    if (verdict === 'refused') return settle(row, await askPeer(row, process, reason, attempts))
    return settle(row, tryAgain(row, attempts, reason, answer) ?? lookLater(row, attempts, reason))
  }

  /** Its time is over, and so is that in which the last attempt may have been under way: where does the peer stand? */
  async function lookOnce(row: OutboxRow): Promise<void> {
    const process = processOf(store.reader, row)
    if (process === null) return
    const last = problem('peer.unreachable', row.lastError ?? 'no answer')
    return settle(row, await askPeer(row, process, overdue(last), row.attempts))
  }

  /** An attempt that got no answer may still arrive: only after a while does the peer's state say that it has not. */
  function lookLater(row: OutboxRow, attempts: number, reason: Problem): Outcome {
    const dueAt = later(clock(), UNDER_WAY_MS)
    return { kind: 'again', dueAt: dueAt < row.deadlineAt ? row.deadlineAt : dueAt, attempts, lastStatus: null, reason }
  }

  /** One attempt, with a token of its own. */
  async function post(
    row: OutboxRow,
  ): Promise<{ answer: DspAnswer | null; attempt: Attempt; failure: Problem | null }> {
    try {
      const answer = await client.post(row.url, row.body, row.counterparty)
      const code = answer.status === 401 ? readPeerError(answer.bytes).code : undefined
      return { answer, attempt: { kind: 'answered', status: answer.status, code }, failure: null }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      const forbidden = error.problem.code === 'address.forbidden'
      return { answer: null, attempt: { kind: forbidden ? 'forbidden' : 'unreachable' }, failure: error.problem }
    }
  }

  /** A refusal may hide that a delayed duplicate was accepted: where does the peer stand? */
  async function askPeer(row: OutboxRow, process: Process, reason: Problem, attempts: number): Promise<Outcome> {
    const exchange = exchangeOf(row)
    if (process.peerPid === null || row.move === exchange.machine.termination) return { kind: 'ended', reason }
    const path = row.kind === 'negotiation' ? 'negotiations' : 'transfers'
    const url = `${process.peerAddress}/${path}/${segment(process.peerPid)}`
    const asked = await client.get(url, row.counterparty).catch((error: unknown) => {
      if (error instanceof ProblemError) return null
      throw error
    })
    const { state } = readAck(asked?.json)
    const isGone = asked?.status === 404 && attempts >= GONE_AFTER_ATTEMPTS
    if (isGone) return { kind: 'ended', reason: problem('peer.refused', `${reason.message}; it knows no such process`) }
    if (asked === null || asked.status >= 500 || state === null) {
      return tryAgain(row, attempts, reason, null) ?? { kind: 'ended', reason: overdue(reason) }
    }
    return { kind: 'asked', state, reason }
  }

  /** Null when there is no time left before the deadline. */
  function tryAgain(row: OutboxRow, attempts: number, reason: Problem, answer: DspAnswer | null): Outcome | null {
    const { status: lastStatus = null, retryAfterMs = null } = answer ?? {}
    const dueAt = later(clock(), retryDelayMs(attempts, random(), lastStatus, retryAfterMs))
    return dueAt < row.deadlineAt ? { kind: 'again', dueAt, attempts, lastStatus, reason } : null
  }

  /** One transaction: what the attempt means for the process, unless something else has settled the row meanwhile. */
  function settle(row: OutboxRow, outcome: Outcome): Promise<void> {
    const scene = newScene()
    return store.transact(
      (read) => {
        const process = processOf(read, row)
        const agreementId = process?.agreementId ?? null
        return {
          process,
          usable: process !== null && namesAnother(read, row, process, outcome) ? NAMES_ANOTHER : outcome,
          current: read.get('outbox', row.pid),
          agreement: agreementId === null ? null : read.get('agreement', agreementId),
          offers: row.kind === 'negotiation' ? read.offersOf(row.pid) : [],
        }
      },
      ({ process, usable, current, agreement, offers }) => {
        if (process === null) return { write: [], result: undefined }
        const open = current?.messageId === row.messageId ? current : null
        return { write: settleAttempt({ process, open, agreement, offers }, row, usable, scene), result: undefined }
      },
      outcome.kind === 'acknowledged' && isAnsweredByMove(row.move) ? ACK_PATIENCE_MS : 0,
    )
  }

  function busyPeers(): readonly ParticipantId[] {
    const peers = new Set([...inFlight.values()].map(({ counterparty }) => counterparty))
    return [...peers].filter((peer) => inFlightTo(peer) >= perPeerInFlightMax)
  }

  function inFlightTo(counterparty: ParticipantId): number {
    return [...inFlight.values()].filter((flight) => flight.counterparty === counterparty).length
  }

  return {
    hold,
    start: () => {
      running = true
      store.onCommit((writes) => {
        if (writes.some((write) => 'put' in write && write.put === 'outbox')) wake()
      })
      wake()
    },
    stop: async () => {
      running = false
      callOff?.()
      await Promise.all([...inFlight.values()].map(({ done }) => done))
    },
  }
}

/** Nothing is sent after the deadline; a row that is due then asks. */
function isLastLook({ attempts, dueAt, deadlineAt }: OutboxRow): boolean {
  return attempts > 0 && dueAt >= deadlineAt
}

function processOf(read: Reader, { kind, pid }: OutboxRow): Process | null {
  return kind === 'negotiation' ? read.get('negotiation', pid) : read.get('transfer', pid)
}

function other({ role }: Process): 'providerPid' | 'consumerPid' {
  return role === 'PROVIDER' ? 'consumerPid' : 'providerPid'
}

function refusalOf(answer: DspAnswer | null): Problem {
  if (answer === null) return problem('peer.unreachable', 'no answer')
  const { code, reasons } = readPeerError(answer.bytes)
  const words = [code, ...reasons].filter((word) => word !== undefined && word !== '').join(': ')
  const said = words === '' ? '' : `: ${words}`
  return problem('peer.refused', `the counter-party answered ${String(answer.status)}${said}`)
}

function overdue(reason: Problem): Problem {
  return problem('delivery.deadline', `not delivered before its deadline; last: ${reason.message}`)
}

const NAMES_ANOTHER: Outcome = {
  kind: 'ended',
  reason: problem('peer.malformed', 'the counter-party answered with the pid of another process'),
}

/** An ACK that names the pid of another process could not be kept, however often it came. */
function namesAnother(read: Reader, { kind }: OutboxRow, process: Process, outcome: Outcome): boolean {
  if (outcome.kind !== 'acknowledged' || outcome.peerPid === null) return false
  const { counterparty, role } = process
  const find = (peerPid: string): Process | null =>
    kind === 'negotiation'
      ? read.negotiationOf(counterparty, role, peerPid)
      : read.transferOf(counterparty, role, peerPid)
  return isPidOfAnother(process, outcome.peerPid, find)
}
