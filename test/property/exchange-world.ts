// Two connectors in one process: the real shell and the real store of each, virtual time, and a network between them that
// loses, repeats, delays and reorders. Everything that happens follows from the dialogue that is passed in.

import { vi } from 'vitest'
import { indexOffers } from '../../src/domain/catalog/offer-index.ts'
import type { Inbound } from '../../src/domain/exchange/inbound.ts'
import type { NegotiationAction, TransferAction } from '../../src/domain/exchange/act.ts'
import type { NegotiationAutomation, TransferAutomation } from '../../src/domain/exchange/automation.ts'
import type { Negotiation } from '../../src/domain/exchange/negotiation.ts'
import type { Transfer } from '../../src/domain/exchange/transfer.ts'
import type { AgreementRow, Kind, Store } from '../../src/domain/ledger.ts'
import { accessToken } from '../../src/domain/delivery/access-token.ts'
import { canonicalJson, type Json } from '../../src/kernel/canonical-json.ts'
import { digestOf } from '../../src/kernel/digest.ts'
import type { Log } from '../../src/kernel/log.ts'
import { KINDS, kindOf, problem, ProblemError } from '../../src/kernel/problem.ts'
import { instant } from '../../src/kernel/time.ts'
import { transferError } from '../../src/protocol/dsp/error.ts'
import type { MessageType } from '../../src/protocol/dsp/messages.ts'
import { BINDINGS } from '../../src/protocol/dsp/paths.ts'
import { parseMessage } from '../../src/protocol/dsp/validate.ts'
import type { ParticipantId, Pid } from '../../src/protocol/ids.ts'
import { readAgreement, readMessageOffer } from '../../src/protocol/odrl/normalise.ts'
import type { Rules } from '../../src/protocol/odrl/types.ts'
import { createAct, type Act } from '../../src/shell/act.ts'
import { createDispatcher, type Dispatcher } from '../../src/shell/dispatch-outbox.ts'
import type { NewScene } from '../../src/shell/ports.ts'
import { ack, createReadProcess } from '../../src/shell/read-process.ts'
import { createReceiveNegotiation } from '../../src/shell/receive-negotiation.ts'
import { createReceiveTransfer } from '../../src/shell/receive-transfer.ts'
import type { SetTimer } from '../../src/shell/timer.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { DspAnswer, DspClient } from '../../src/wire/dsp-client.ts'
import { CONSUMER, dataset, definition, NOW, offer, peer, PROVIDER, PULL } from '../fixtures/builders.ts'

/** What the network does with one call: how long the request and the answer take, and when copies of the request come. */
export interface Fate {
  readonly requestMs: number | 'lost'
  readonly answerMs: number | 'lost'
  readonly copiesMs: readonly number[]
}

export type Side = 'consumer' | 'provider'

/** Something that a person does, or a crash: `which` picks one of the processes that are there. */
export type Deed = {
  readonly atMs: number
  readonly by: Side
  readonly which: number
} & (
  | { readonly do: 'open' | 'transfer' | 'crash' }
  | { readonly do: 'negotiation'; readonly action: NegotiationAction; readonly rules: number }
  | { readonly do: 'transfer-move'; readonly action: TransferAction }
)

export interface Dialogue {
  readonly automation: NegotiationAutomation
  readonly transferAutomation: TransferAutomation
  /** The fate of each call in turn; when they are used up the network is quiet and good. */
  readonly fates: readonly Fate[]
  readonly deeds: readonly Deed[]
  readonly deadlineMs: number
  /** Called at each message that was accepted: whose turn it is now. */
  readonly onAccepted?: (world: World, by: Side, kind: Kind, pid: string) => void
}

export interface Party {
  readonly side: Side
  readonly self: ParticipantId
  readonly store: Store
  readonly act: Act
}

export interface World {
  readonly consumer: Party
  readonly provider: Party
  /** What went wrong that must never go wrong: exceptions that are no refusals. */
  readonly defects: readonly unknown[]
  /** One line an event, for the story of a failure. */
  readonly story: readonly string[]
  /** Runs until nothing is due any more. */
  rest(): Promise<void>
  /** Remembers what must not fail. */
  watch(promised: Promise<unknown>): void
  /** Adds what people do, counted from now. */
  plan(deeds: readonly Deed[]): void
  /** Replaces what the network still has in store. */
  weather(fates: readonly Fate[]): void
  close(): void
}

export const RULES: readonly Rules[] = [
  { permission: [{ action: 'use' }] },
  { permission: [{ action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: '5' }] }] },
  { permission: [{ action: 'use' }], prohibition: [{ action: 'distribute' }] },
]

const CLIENT_TIMEOUT_MS = 10_000
const STEPS_MAX = 50_000
const GOOD: Fate = { requestMs: 20, answerMs: 20, copiesMs: [] }
const realSetImmediate = setImmediate

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Puts virtual timers in the place of the real ones; `close` puts them back. */
export function openWorld(dialogue: Dialogue): World {
  let nowMs: number = NOW
  let order = 0
  const timers = new Map<number, Timer>()
  const fates = [...dialogue.fates]
  const defects: unknown[] = []
  const story: string[] = []

  function later(run: () => void, ms = 0): { readonly id: number; unref(): void } {
    const id = ++order
    timers.set(id, { atMs: nowMs + Math.max(0, ms), order: id, run })
    return { id, unref: () => undefined }
  }
  const clear = (timer: { readonly id: number } | undefined): void => {
    if (timer !== undefined) timers.delete(timer.id)
  }
  vi.stubGlobal('setTimeout', later)
  vi.stubGlobal('setImmediate', (run: () => void) => later(run))
  vi.stubGlobal('clearTimeout', clear)

  const setTimer: SetTimer = (ms, wake) => {
    const { id } = later(wake, ms)
    return () => timers.delete(id)
  }
  const clock = () => instant(nowMs)
  const tell = (line: string): void => {
    story.push(`${String((nowMs - NOW) / 1000)}s ${line}`)
  }
  const wait = (ms: number): Promise<void> =>
    new Promise((done) => {
      later(done, ms)
    })

  const parties = new Map<Side, Party & { arrive: Arrive; read: Read; crash: () => void }>()
  type Arrive = (url: string, body: string, sender: ParticipantId) => Promise<DspAnswer>
  type Read = (url: string, asker: ParticipantId) => DspAnswer

  function party(side: Side): Party & { arrive: Arrive; read: Read; crash: () => void } {
    const self = side === 'consumer' ? CONSUMER : PROVIDER
    let drawn = 0
    const draw = (what: string): string => `urn:uuid:${side}-${what}-${String(++drawn)}`
    const store = openStore({
      file: ':memory:',
      now: clock(),
      origin: self,
      nonce: () => String(++drawn).padStart(32, '0'),
    })
    const newScene: NewScene = () => ({
      self,
      now: clock(),
      base: `https://${side}.example/dsp/2025-1`,
      dataBase: `https://${side}.example/data`,
      accessTokenMs: 86_400_000,
      renewedTokenMs: 300_000,
      keyless: new Set(),
      spellings: new Map(),
      deliveryDeadlineMs: dialogue.deadlineMs,
      reactionDelayMs: 500,
      fresh: {
        pid: draw('pid') as Pid,
        messageId: draw('message') as never,
        agreementId: draw('agreement') as never,
        accessToken: accessToken(new Uint8Array(32).fill(++drawn % 256)),
        refreshToken: accessToken(new Uint8Array(32).fill(++drawn % 256)),
      },
    })
    const defaults = { negotiation: dialogue.automation, transfer: dialogue.transferAutomation }
    const offers = indexOffers([definition(RULES[0])])
    const receiveOptions = {
      transact: store.transact,
      newScene,
      offers: () => offers,
      defaults,
      processesPerPeerMax: 100,
    }
    const negotiations = createReceiveNegotiation(receiveOptions)
    const transfers = createReceiveTransfer({ ...receiveOptions, whyForbidden: () => null })
    const readProcess = createReadProcess(store.reader)
    const heard = new Set<string>()
    const log: Log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (event, fields) => {
        defects.push({ event, ...fields })
      },
    }

    // A crash forgets all that was under way; the database stays. Calls of the time before never come back.
    let life = 0
    let dispatcher = dispatch()
    function dispatch(): Dispatcher {
      const born = ++life
      const client: DspClient = {
        post: (url, body) => call(url, (there) => there.arrive(url, body, self)),
        get: (url) => call(url, (there) => Promise.resolve(there.read(url, self))),
        getOpen: () => Promise.reject(new Error('nobody asks for a version here')),
      }
      const fresh = createDispatcher({
        store,
        client,
        clock,
        newScene,
        random: () => 0.5,
        log,
        setTimer,
        inFlightMax: 8,
        perPeerInFlightMax: 8,
      })
      fresh.start()
      return fresh

      async function call(
        url: string,
        reach: (there: ReturnType<typeof party>) => Promise<DspAnswer>,
      ): Promise<DspAnswer> {
        const there = side === 'consumer' ? parties.get('provider') : parties.get('consumer')
        if (there === undefined) throw new Error('two sides')
        const { requestMs, answerMs, copiesMs } = fates.shift() ?? GOOD
        for (const ms of copiesMs) later(() => void reach(there).catch((error: unknown) => defects.push(error)), ms)
        return new Promise((resolve, reject) => {
          const finish = (end: () => void): void => {
            if (born === life) end()
          }
          later(() => {
            finish(() => {
              reject(new ProblemError(problem('peer.unreachable', 'no answer in time')))
            })
          }, CLIENT_TIMEOUT_MS)
          if (requestMs === 'lost') {
            tell(`${side} ${url} is lost`)
            return
          }
          later(() => {
            reach(there).then(
              async (answer) => {
                if (answerMs === 'lost') {
                  tell(`the answer ${String(answer.status)} to ${side} is lost`)
                  return
                }
                await wait(answerMs)
                finish(() => {
                  resolve(answer)
                })
              },
              (error: unknown) => defects.push(error),
            )
          }, requestMs)
        })
      }
    }

    async function arrive(url: string, body: string, sender: ParticipantId): Promise<DspAnswer> {
      const { type, pid, kind } = route(url)
      const own = pid ?? draw('pid')
      const release = dispatcher.hold(own)
      try {
        const inbound = read(type, body, sender, pid)
        const receive = kind === 'negotiation' ? negotiations : transfers
        const answer =
          pid === null ? await receive.opening(inbound as never, own as Pid) : await receive.message(inbound as never)
        const outcome = answer.ok ? answer.state : `${answer.problem.code} ${answer.problem.message}`
        tell(`${side} receives ${type} ${inbound.messageId}: ${outcome}`)
        if (answer.ok) {
          // A redelivery gets the first answer; it is nobody's turn again.
          if (!heard.has(inbound.messageId)) dialogue.onAccepted?.(world, side, kind, answer.pid)
          heard.add(inbound.messageId)
          return answerOf(answer.created ? 201 : 200, ack(kind, answer.pids, answer.state))
        }
        return answerOf(KINDS[kindOf(answer.problem)].dsp, transferError(answer.problem, answer.pids))
      } finally {
        release()
      }
    }

    return {
      side,
      self,
      store,
      act: createAct({
        transact: store.transact,
        newScene,
        defaults,
        newMessageId: () => draw('message') as never,
        sealSecret: () => ({ sealed: '' }),
        offers: () => offers,
      }),
      arrive,
      read: (url, asker) => {
        const [, kind = '', pid = ''] = /\/(negotiation|transfer)s\/([^/]+)$/.exec(url) ?? []
        const found = readProcess(kind as Kind, decodeURIComponent(pid), asker)
        tell(`${side} is asked where ${pid} is: ${found?.state ?? 'unknown'}`)
        return found === null ? answerOf(404, null) : answerOf(200, found)
      },
      crash: () => {
        tell(`${side} crashes`)
        void dispatcher.stop()
        dispatcher = dispatch()
      },
    }
  }

  function perform(deed: Deed): void {
    const doer = parties.get(deed.by)
    if (doer === undefined) return
    if (deed.do === 'crash') {
      doer.crash()
      return
    }
    tell(`${deed.by} does ${'action' in deed ? deed.action : deed.do}`)
    deedOf(doer, deed).catch((error: unknown) => {
      if (error instanceof ProblemError && kindOf(error.problem) === 'refused')
        tell(`  refused: ${error.problem.message}`)
      else defects.push(error)
    })
  }

  const consumer = party('consumer')
  const provider = party('provider')
  parties.set('consumer', consumer).set('provider', provider)
  void provider.store.transact(
    () => null,
    () => ({
      write: [
        { put: 'dataset', row: dataset() },
        { put: 'peer', row: peer() },
      ],
      result: null,
    }),
  )

  const world: World = {
    consumer,
    provider,
    defects,
    story,
    watch: (promised) => {
      promised.catch((error: unknown) => defects.push(error))
    },
    plan: (deeds) => {
      for (const deed of deeds) {
        later(() => {
          perform(deed)
        }, deed.atMs)
      }
    },
    weather: (next) => {
      fates.splice(0, fates.length, ...next)
    },
    rest: async () => {
      for (let steps = 0; timers.size > 0; steps++) {
        if (steps > STEPS_MAX) throw new Error('it does not come to rest')
        const next = [...timers.values()].reduce((a, b) =>
          b.atMs < a.atMs || (b.atMs === a.atMs && b.order < a.order) ? b : a,
        )
        timers.delete(next.order)
        nowMs = Math.max(nowMs, next.atMs)
        next.run()
        // All that follows from it at once: the microtasks.
        await new Promise((done) => realSetImmediate(done))
      }
    },
    close: () => {
      vi.unstubAllGlobals()
      consumer.store.close()
      provider.store.close()
    },
  }
  world.plan(dialogue.deeds)
  return world
}

async function deedOf({ act, store: { reader }, side }: Party, deed: Deed): Promise<unknown> {
  switch (deed.do) {
    case 'open': {
      const [counterparty, peer] = side === 'consumer' ? [PROVIDER, 'provider'] : [CONSUMER, 'consumer']
      const role = side === 'consumer' ? 'CONSUMER' : 'PROVIDER'
      const peerAddress = `https://${peer}.example/dsp/2025-1`
      return act.openNegotiation({ role, counterparty, peerAddress, offer: offer(RULES[0]) }, 'admin')
    }
    case 'transfer': {
      const agreements = agreementsOf({ store: { reader } }).filter(({ finalizedAt }) => finalizedAt !== null)
      const agreement = pick(agreements, deed.which)
      if (agreement === undefined || side !== 'consumer') return null
      return act.openTransfer({ agreementId: agreement.id, format: PULL }, 'admin')
    }
    case 'negotiation': {
      const found = pick(negotiationsOf({ store: { reader } }), deed.which)
      if (found === undefined) return null
      const isOffer = deed.action === 'offer' || deed.action === 'counter'
      const details = isOffer ? { offer: offer(RULES[deed.rules]) } : {}
      return act.onNegotiation(found.pid, deed.action, details, 'admin')
    }
    case 'transfer-move': {
      const found = pick(transfersOf({ store: { reader } }), deed.which)
      if (found === undefined) return null
      return act.onTransfer(found.pid, deed.action, {}, 'admin')
    }
    case 'crash':
      return null
  }
}

interface Reads {
  readonly store: Pick<Store, 'reader'>
}

const ALL = { after: null, limit: 10_000 }

export function negotiationsOf({ store }: Reads): readonly Negotiation[] {
  return store.reader.list('negotiation', ALL)
}

export function transfersOf({ store }: Reads): readonly Transfer[] {
  return store.reader.list('transfer', ALL)
}

export function agreementsOf({ store }: Reads): readonly AgreementRow[] {
  return store.reader.list('agreement', ALL)
}

function pick<T>(rows: readonly T[], which: number): T | undefined {
  return rows[which % Math.max(1, rows.length)]
}

/** Which message a path is for, and our own pid in it. */
function route(url: string): { readonly type: MessageType; readonly pid: string | null; readonly kind: Kind } {
  const path = url.replace(/^https:\/\/[^/]+\/dsp\/2025-1/, '')
  const steps = path.split('/')
  for (const { method, path: pattern, message } of BINDINGS) {
    if (method !== 'POST') continue
    const wanted = pattern.split('/')
    const fits =
      wanted.length === steps.length && wanted.every((step, at) => step.startsWith(':') || step === steps[at])
    const pid = wanted.findIndex((step) => step.startsWith(':'))
    const kind = path.startsWith('/negotiations') ? 'negotiation' : 'transfer'
    if (fits) return { type: message, pid: pid === -1 ? null : decodeURIComponent(steps[pid] ?? ''), kind }
  }
  throw new Error(`no path ${path}`)
}

function read(
  type: MessageType,
  body: string,
  sender: ParticipantId,
  pid: string | null,
): Inbound<{ '@type': string }> {
  const parsed = parseMessage(type, JSON.parse(body))
  if (!parsed.ok) throw new Error(`we sent a message that we refuse: ${parsed.problem.message}`)
  const message = parsed.value as { '@type': string; '@id'?: string; offer?: unknown; agreement?: unknown }
  const offered = message.offer === undefined ? null : readMessageOffer(message.offer, 'offer')
  const agreed = message.agreement === undefined ? null : readAgreement(message.agreement, 'agreement')
  const whole = {
    ...message,
    ...(offered?.ok === true && { offer: offered.value }),
    ...(agreed?.ok === true && { agreement: agreed.value }),
  }
  const { '@id': messageId = '', ...content } = whole
  return {
    message: whole,
    messageId,
    bodyDigest: digestOf(body),
    openingDigest: digestOf(canonicalJson(content as unknown as Json)),
    sender,
    pid,
    replay: null,
  }
}

function answerOf(status: number, json: unknown): DspAnswer {
  return { status, headers: {}, bytes: Buffer.from(JSON.stringify(json)), json, retryAfterMs: null }
}
