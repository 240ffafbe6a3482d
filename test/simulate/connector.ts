// One connector of the simulated dataspace: the real shell over a disk in memory. It can die at any moment and be started
// again; of what was under way then nothing comes back, and what was committed is there.

import { NO_REGIME } from '../../src/domain/policy/regime.ts'
import { accessToken, ACCESS_TOKEN_BYTES } from '../../src/domain/delivery/access-token.ts'
import type { NegotiationAutomation, TransferAutomation } from '../../src/domain/exchange/automation.ts'
import type { Reader } from '../../src/domain/ledger.ts'
import { indexOffers } from '../../src/domain/catalog/offer-index.ts'
import type { OfferDefinition } from '../../src/domain/policy/offer-definition.ts'
import { orThrow, problem, ProblemError } from '../../src/kernel/problem.ts'
import type { Log } from '../../src/kernel/log.ts'
import { instant } from '../../src/kernel/time.ts'
import { parseRawJson } from '../../src/protocol/raw-json.ts'
import type { AgreementId, MessageId, ParticipantId, Pid } from '../../src/protocol/ids.ts'
import { createAct, type Act } from '../../src/shell/act.ts'
import { createAdminister, type Administer } from '../../src/shell/administer.ts'
import { createDispatcher } from '../../src/shell/dispatch-outbox.ts'
import { createExpirer } from '../../src/shell/expire-processes.ts'
import type { NewScene } from '../../src/shell/ports.ts'
import { createReadProcess } from '../../src/shell/read-process.ts'
import { createReceiveNegotiation } from '../../src/shell/receive-negotiation.ts'
import { createReceiveTransfer } from '../../src/shell/receive-transfer.ts'
import { closeInterrupted } from '../../src/shell/close-interrupted.ts'
import { createServeData } from '../../src/shell/serve-data.ts'
import { readMessage, toInbound } from '../../src/shell/to-inbound.ts'
import type { Identified } from '../../src/trust/identity.ts'
import type { DspAnswer } from '../../src/wire/dsp-client.ts'
import { openSlowly, watchfulDestination } from './data.ts'
import { answerTo, jsonAnswer, processOf, refusal, routeOf } from './http.ts'
import { createDisk } from './memory-store.ts'
import type { Timeline } from './timeline.ts'

/** How a connector is set up; the same for its whole life. */
export interface Character {
  readonly name: string
  readonly country: string
  readonly automation: NegotiationAutomation
  readonly transferAutomation: TransferAutomation
  readonly commitMs: number
  readonly reactionDelayMs: number
  readonly deliveryDeadlineMs: number
  readonly patienceMs: number
}

/** One attempt to deliver something: what a request carries beside its body. */
export interface Call {
  readonly from: ParticipantId
  readonly url: string
  /** Null for a GET. */
  readonly body: string | null
  readonly identified: Identified
}

export interface Connector {
  readonly name: string
  readonly self: ParticipantId
  readonly base: string
  readonly reader: Reader
  isUp(): boolean
  act(): Act
  administer(): Administer
  /** Whether it has been told to start; the beginning of work takes a moment. */
  isStarted(): boolean
  /** What a request is answered with. Never settles where the process dies meanwhile. */
  answer(call: Call): Promise<DspAnswer>
  /** Delivers what the token opens; gives the outcome, or the code of the refusal. Never settles where the process dies. */
  deliver(request: {
    readonly transferPid: string
    readonly authorization: string
    readonly by: ParticipantId
  }): Promise<string>
  offers(): readonly OfferDefinition[]
  /** The policy files were edited. */
  edit(offers: readonly OfferDefinition[]): void
  /** The process dies; gives how many transactions waited. */
  crash(waiting: 'lost' | 'kept'): number
  start(): void
  jump(ms: number): void
}

export interface Surroundings {
  readonly timeline: Timeline
  /** Carries a request to whoever is meant; rejects with `peer.unreachable`. */
  readonly carry: (call: Call) => Promise<DspAnswer>
  readonly jitter: () => number
  /** What must never happen: an exception that is no refusal. */
  readonly defect: (where: string, error: unknown) => void
  /** A delivery began under that agreement of this connector: its first piece was sent. */
  readonly delivered: (name: string, agreementId: string) => void
  /** A piece was sent that should not have been. */
  readonly leaked: (name: string, why: string) => void
  /** Something was sent out of turn. */
  readonly hasty: (name: string, why: string) => void
  /** A message was answered. */
  readonly heard: (name: string, line: string, refusal: string | null) => void
}

const IN_FLIGHT_MAX = 64
const PER_PEER_IN_FLIGHT_MAX = 8
const PROCESSES_PER_PEER_MAX = 10_000
const DEPTH_MAX = 64
const STREAMS_MAX = 100
/** The longest wait for one piece of a body. */
const PIECE_MS = 2_000
const NEVER = new Promise<never>(() => undefined)
const DATASETS_MAX = 1_000
/** As tokens are: they live a minute, and what was used is remembered a little longer. */
const TOKEN_MS = 65_000

export function createConnector(character: Character, around: Surroundings): Connector {
  const { name, automation, transferAutomation, commitMs } = character
  const { timeline, carry, jitter, defect, heard, delivered, leaked, hasty } = around
  const self = `did:web:${name}.example` as ParticipantId
  const base = `https://${name}.example/dsp/2025-1`
  let drawn = 0
  const draw = (what: string): string => `urn:uuid:${name}-${what}-${String(++drawn)}`
  let offsetMs = 0
  const clock = () => instant(timeline.now() + offsetMs)
  let offers: readonly OfferDefinition[] = []
  let index = indexOffers(offers)
  let isFlushPlanned = false
  const disk = createDisk({
    origin: self,
    nonce: () => (++drawn).toString(16).padStart(32, '0'),
    schedule: (patienceMs, flush) => {
      if (patienceMs > 0) timeline.after(patienceMs, flush)
      if (patienceMs > 0 || isFlushPlanned) return
      isFlushPlanned = true
      timeline.after(commitMs, () => {
        isFlushPlanned = false
        flush()
      })
    },
  })
  const { reader } = disk
  const newScene: NewScene = () => ({
    self,
    now: clock(),
    base,
    dataBase: `https://${name}.example/data`,
    accessTokenMs: 86_400_000,
    renewedTokenMs: 300_000,
    keyless: new Set(),
    spellings: new Map(),
    deliveryDeadlineMs: character.deliveryDeadlineMs,
    reactionDelayMs: character.reactionDelayMs,
    fresh: {
      pid: draw('pid') as Pid,
      messageId: draw('message') as MessageId,
      agreementId: draw('agreement') as AgreementId,
      accessToken: accessToken(tokenBytes(++drawn)),
      refreshToken: accessToken(tokenBytes(++drawn)),
    },
  })
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (event, fields) => {
      defect(`${name} ${event}`, fields?.['error'] ?? fields)
    },
  }
  /** Our pids of the messages that are being answered. */
  const answering = new Set<string>()
  let lives = 0
  let isStarted = false
  let life: ReturnType<typeof begin> | null = null

  function begin() {
    const born = ++lives
    const store = disk.open()
    const setTimer = (ms: number, wake: () => void): (() => void) =>
      timeline.after(ms, () => {
        if (born === lives) wake()
      })
    const flying = new Set<string>()
    const call = (url: string, body: string | null): Promise<DspAnswer> =>
      new Promise((resolve, reject) => {
        if (body !== null) {
          if (flying.has(body)) hasty(name, `the message to ${url} is under way twice`)
          for (const pid of answering)
            if (body.includes(`"${pid}"`)) hasty(name, `${url} overtakes our answer on ${pid}`)
          flying.add(body)
        }
        const iat = clock()
        const replay = { iss: self, jti: draw('jti'), issuedAt: iat, expiresAt: instant(iat + TOKEN_MS) }
        // Whom the answer was for may be dead by then.
        carry({ from: self, url, body, identified: { participant: self, replay } }).then(
          (answer) => {
            if (body !== null) flying.delete(body)
            if (born === lives) resolve(answer)
          },
          (error: unknown) => {
            if (body !== null) flying.delete(body)
            if (born === lives) reject(error instanceof Error ? error : new Error(String(error)))
          },
        )
      })
    const client = {
      post: (url: string, body: string) => call(url, body),
      get: (url: string) => call(url, null),
      getOpen: () => Promise.reject(new Error('nobody asks for a version here')),
    }
    const dispatcher = createDispatcher({
      store,
      client,
      clock,
      newScene,
      random: jitter,
      log,
      setTimer,
      inFlightMax: IN_FLIGHT_MAX,
      perPeerInFlightMax: PER_PEER_IN_FLIGHT_MAX,
    })
    const expirer = createExpirer({ store, clock, newScene, log, setTimer, patienceMs: character.patienceMs })
    const defaults = { negotiation: automation, transfer: transferAutomation }
    const { transact } = store
    const receiving = {
      transact,
      newScene,
      offers: () => index,
      defaults,
      processesPerPeerMax: PROCESSES_PER_PEER_MAX,
    }
    const isMine = (): boolean => born === lives
    const serveData = createServeData({
      store,
      standing: { isAdmitted: () => true, regime: () => NO_REGIME },
      openDataset: () =>
        Promise.resolve(
          openSlowly(async (piece) => {
            await timeline.wait(piece === 0 ? 0 : Math.floor(jitter() * PIECE_MS))
            if (!isMine()) await NEVER
          }),
        ),
      newScene,
      newDeliveryId: () => draw('delivery'),
      clock,
      log,
      setTimer,
      streamsMax: STREAMS_MAX,
    })
    return {
      work: () => {
        dispatcher.start()
        expirer.start()
      },
      tidy: () => closeInterrupted(store, newScene),
      serve: serveData.serve,
      hold: dispatcher.hold,
      negotiations: createReceiveNegotiation(receiving),
      transfers: createReceiveTransfer({ ...receiving, whyForbidden: () => null }),
      act: createAct({
        transact,
        newScene,
        defaults,
        newMessageId: () => draw('message') as MessageId,
        sealSecret: () => ({ sealed: '' }),
        offers: () => index,
      }),
      administer: createAdminister({
        store,
        clock,
        self,
        sealSecret: (sealed) => ({ sealed }),
        datasetsMax: DATASETS_MAX,
      }),
    }
  }

  function living(): ReturnType<typeof begin> {
    if (life === null) throw new ProblemError(problem('peer.unreachable', `${name} is down`))
    return life
  }

  async function receive({ url, body, identified }: Call): Promise<DspAnswer> {
    const { hold, negotiations, transfers } = living()
    const route = routeOf(base, url)
    if (route === null || body === null) throw new Error(`no path ${url}`)
    const { type, kind, pid } = route
    const own = pid ?? draw('pid')
    const release = hold(own)
    answering.add(own)
    try {
      const bytes = Buffer.from(body)
      const message = orThrow(readMessage(type, orThrow(parseRawJson(bytes, { depthMax: DEPTH_MAX }))))
      const inbound = toInbound(message, bytes, identified, pid)
      const receiver = kind === 'negotiation' ? negotiations : transfers
      const answer =
        pid === null ? await receiver.opening(inbound as never, own as Pid) : await receiver.message(inbound as never)
      heard(
        name,
        `gets ${type} ${inbound.messageId} on ${pid ?? own}: ${answer.ok ? answer.state : answer.problem.code}`,
        answer.ok ? null : answer.problem.code,
      )
      return answerTo(kind, answer)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      heard(name, `gets ${type}: ${error.problem.code} ${error.problem.message}`, error.problem.code)
      return refusal(kind, error.problem)
    } finally {
      answering.delete(own)
      release()
    }
  }

  return {
    name,
    self,
    base,
    reader,
    isUp: () => life !== null,
    isStarted: () => isStarted,
    act: () => living().act,
    administer: () => living().administer,
    answer: async (call) => {
      living()
      if (call.body !== null) return receive(call)
      const { kind, pid } = processOf(base, call.url)
      const found = createReadProcess(reader)(kind, pid, call.from)
      heard(name, `is asked for ${pid}: ${found?.state ?? 'unknown'}`, null)
      return jsonAnswer(found === null ? 404 : 200, found)
    },
    deliver: async ({ transferPid, authorization }) => {
      const { serve } = living()
      const readBody = () => Promise.reject(new Error('nobody posts here'))
      const served = await serve({
        transferPid,
        authorization,
        purpose: null,
        method: 'GET',
        rest: '',
        query: '',
        canTrail: false,
        readBody,
      })
      const destination = watchfulDestination(reader, transferPid, {
        onFirst: (agreementId) => {
          delivered(name, agreementId)
        },
        onWrong: (why) => {
          leaked(name, `${transferPid}: ${why}`)
        },
      })
      const { outcome, bytes } = await served.send(destination, () => undefined)
      return `${outcome} ${String(bytes)}`
    },
    offers: () => offers,
    edit: (edited) => {
      offers = edited
      index = indexOffers(edited)
    },
    crash: (waiting) => {
      lives += 1
      life = null
      isStarted = false
      isFlushPlanned = false
      answering.clear()
      return disk.crash(waiting)
    },
    start: () => {
      isStarted = true
      const next = begin()
      const born = lives
      next.tidy().then(
        () => {
          if (born !== lives) return
          life = next
          next.work()
        },
        (error: unknown) => {
          defect(`${name} starts`, error)
        },
      )
    },
    jump: (ms) => {
      offsetMs += ms
    },
  }
}

function tokenBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(ACCESS_TOKEN_BYTES)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}
