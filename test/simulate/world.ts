// One world: its connectors, what people do in it, the weather, and what is found when it has come to rest. All of it follows
// from the plan.

import { createHash } from 'node:crypto'
import { ProblemError } from '../../src/kernel/problem.ts'
import type { NegotiationAutomation } from '../../src/domain/exchange/automation.ts'
import { authorizationHeader, readDataAddress, type HttpAddress } from '../../src/protocol/dsp/data-address.ts'
import { check, type Violation } from './checks.ts'
import { createConnector, type Character, type Connector } from './connector.ts'
import { createNetwork } from './network.ts'
import { createRandom, seedOf, type Random } from './random.ts'
import { createTimeline } from './timeline.ts'
import { datasetId, datasetOf, drawDeeds, offersOf, perform, type Deed } from './users.ts'
import { CALM, drawWeather, FAULTS, type Fault, type Weather } from './weather.ts'

export interface Round {
  readonly weather: Weather
  readonly deeds: readonly Deed[]
}

export interface Plan {
  readonly seed: number
  readonly characters: readonly Character[]
  readonly rounds: readonly Round[]
}

export interface Outcome {
  readonly negotiations: number
  readonly agreements: number
  readonly transfers: number
  readonly messages: number
  readonly steps: number
  readonly faults: Readonly<Record<Fault, number>>
  readonly violations: readonly Violation[]
  /** SHA-256 over every line of the story and the heads of all evidence logs. */
  readonly digest: string
  readonly story: readonly string[]
}

const START_MS = Date.parse('2026-06-01T12:00:00Z')
const STORM_MS = 60_000
/** What is under way when the storm is over has arrived or was given up by then. */
const SETTLING_MS = 150_000
/** Whatever was left to send is sent by then: no retry waits longer than a minute. */
const QUIET_MAX_MS = 30 * 60 * 1000
const LIFETIME_MS = 2 * 24 * 60 * 60 * 1000
const DEEDS_EACH = 12
/** Far more than any world that comes to rest has needed. */
const STEPS_MAX = 100_000
const COUNTRIES = ['CN', 'VN', 'SG', 'DE']

export function planOf(seed: number): Plan {
  const random = createRandom(seedOf(seed, 0))
  // Small worlds are told more easily, large ones cross more paths.
  const size = random.pick([2, 2, 2, 3, 3, 4, 5, 8, 12, 20])
  const isHonest = random.chance(0.8)
  const isShort = random.chance(0.2)
  const characters = Array.from({ length: size }, (_, number) => drawCharacter(random, number, isShort))
  const rounds = Array.from({ length: 3 }, () => ({
    weather: drawWeather(random, isHonest),
    deeds: drawDeeds(random, DEEDS_EACH * size, STORM_MS),
  }))
  return { seed, characters, rounds }
}

function drawCharacter(random: Random, number: number, isShort: boolean): Character {
  const often = <T>(automatic: T, ...others: readonly T[]): T => (random.chance(0.75) ? automatic : random.pick(others))
  const automation: NegotiationAutomation = {
    onRequested: often('agree', 'offer', 'manual'),
    onCounterRequested: often('agree', 'offer', 'manual'),
    onAccepted: often('agree', 'manual'),
    onVerified: often('finalize', 'manual'),
    onOffered: often('accept', 'manual'),
    onAgreed: often('verify', 'manual'),
  }
  return {
    name: `c${String(number)}`,
    country: random.pick(COUNTRIES),
    automation,
    transferAutomation: { onRequested: often('start', 'manual') },
    commitMs: random.pick([0, 1, 1, 5, 50]),
    reactionDelayMs: random.pick([0, 0, 0, 500]),
    deliveryDeadlineMs: isShort ? 30_000 : LIFETIME_MS / 2,
    patienceMs: isShort ? 45_000 : LIFETIME_MS / 4,
  }
}

export interface Telling {
  /** Keeps every line of the story, not only its digest. */
  readonly isWhole?: boolean
  /** Where a peer has lied the two sides may stand apart, unless this says that nothing is an excuse. */
  readonly excusesLies?: boolean
}

export async function runWorld(plan: Plan, { isWhole = false, excusesLies = true }: Telling = {}): Promise<Outcome> {
  const { seed, characters, rounds } = plan
  const timeline = createTimeline(START_MS)
  const digest = createHash('sha256')
  const story: string[] = []
  const faults = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<Fault, number>
  const violations: Violation[] = []
  const liedTo = new Set<string>()
  const connectors = new Map<string, Connector>()
  const random = createRandom(seedOf(seed, 1))
  const deliveries = new Map<string, number>()
  const addresses = new Map<string, HttpAddress[]>()
  let weather: Weather = CALM
  let messages = 0

  const tell = (line: string): void => {
    const whole = `${((timeline.now() - START_MS) / 1000).toFixed(3)} ${line}\n`
    digest.update(whole)
    if (isWhole) story.push(whole)
  }
  const strike = (fault: Fault): void => {
    faults[fault] += 1
  }
  const defect = (where: string, error: unknown): void => {
    violations.push({
      check: 'defect',
      text: `${where}: ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`,
    })
  }
  const network = createNetwork({
    timeline,
    random,
    weather: () => weather,
    connectors,
    tell,
    strike,
    defect,
    lied: (url, from) => {
      for (const pid of pidsOf(url, from)) liedTo.add(pid)
    },
  })

  /** The processes that a message belongs to, on the side that sends it: whatever has just been sent there. */
  function pidsOf(url: string, from: string): readonly string[] {
    const sender = [...connectors.values()].find(({ self }) => self === from)
    const rows = sender?.reader.list('outbox', { after: null, limit: 100_000 }) ?? []
    return rows.filter((row) => row.url === url).map(({ pid }) => pid)
  }

  for (const character of characters) {
    const connector = createConnector(character, {
      timeline,
      carry: (call) => network.carry(call),
      jitter: () => random.next(),
      defect,
      delivered: (name, agreementId) => {
        tell(`${name} delivers under ${agreementId}`)
        deliveries.set(agreementId, (deliveries.get(agreementId) ?? 0) + 1)
      },
      leaked: (name, why) => {
        violations.push({ check: 'leak', text: `${name} sends a piece of ${why}` })
      },
      hasty: (name, why) => {
        violations.push({ check: 'order', text: `${name}: ${why}` })
      },
      heard: (name, line, refusal) => {
        messages += 1
        tell(`${name} ${line}`)
        // Whoever answers too soon names a pid that we have not read yet: that is no reason to refuse.
        if (refusal === 'message.pids' && liedTo.size === 0)
          violations.push({ check: 'order', text: `${name} ${line}` })
      },
    })
    connectors.set(character.name, connector)
    connector.start()
    connector.edit(offersOf(character.name, 0))
  }
  await timeline.run(() => [...connectors.values()].every((connector) => connector.isUp()))
  for (const connector of connectors.values()) await furnish(connector)

  async function furnish(connector: Connector): Promise<void> {
    const { administer } = { administer: connector.administer() }
    const work = Promise.all([
      administer.addDatasets(
        [0, 1, 2].map((number) => datasetOf(datasetId(connector.name, number))),
        'user',
      ),
      ...characters.map(({ name, country }) => {
        const did = `did:web:${name}.example` as never
        return administer.putPeer({ did, name, claims: { country }, address: null }, 'user')
      }),
    ])
    let isDone = false
    void work.then(() => {
      isDone = true
    })
    await timeline.run(() => isDone)
  }

  function crash(connector: Connector, waiting: 'lost' | 'kept'): void {
    if (!connector.isStarted()) return
    strike(waiting === 'kept' ? 'kept' : 'crashed')
    tell(`${connector.name} dies; ${String(connector.crash(waiting))} transactions are ${waiting}`)
    timeline.after(1 + random.int(5_000), () => {
      if (connector.isStarted()) return
      tell(`${connector.name} starts`)
      connector.start()
    })
  }

  function befall(connector: Connector, others: readonly Connector[]): void {
    if (random.chance(weather.crashed)) crash(connector, 'lost')
    if (random.chance(weather.kept)) crash(connector, 'kept')
    if (random.chance(weather.parted)) {
      strike('parted')
      const other = random.pick(others)
      tell(`${connector.name} and ${other.name} are parted`)
      network.part(connector.name, other.name, random.int(STORM_MS / 2))
    }
    if (random.chance(weather.jumped)) {
      strike('jumped')
      const ms = (random.int(120) - 60) * 1000
      tell(`the clock of ${connector.name} jumps by ${String(ms)} ms`)
      connector.jump(ms)
    }
  }

  function doIt(deed: Deed): void {
    const all = [...connectors.values()]
    const doer = all[deed.who % all.length]
    if (doer === undefined) return
    const others = all.filter((other) => other !== doer)
    tell(`${doer.name}: ${deed.kind} ${String(deed.which)} ${String(deed.what)}`)
    perform(deed, doer, others, fetchData).catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.code !== 'defect') tell(`  ${error.problem.code}`)
      else defect(`${doer.name} ${deed.kind}`, error)
    })
    befall(doer, others)
  }

  /** A consumer may keep every address that it was given; what it opens is the provider's affair. */
  async function fetchData({ name, self, reader }: Connector, which: number): Promise<unknown> {
    const known = addresses.get(name) ?? []
    for (const { role, dataAddress } of reader.list('transfer', { after: null, limit: 100_000 })) {
      const read = role === 'CONSUMER' && dataAddress !== null ? readDataAddress(dataAddress) : null
      if (read?.ok === true && !known.some(({ authorization }) => authorization === read.value.authorization))
        known.push(read.value)
    }
    addresses.set(name, known)
    const address = known[which % Math.max(1, known.length)]
    if (address === undefined) return null
    const url = new URL(address.endpoint)
    const provider = connectors.get(url.hostname.replace(/\.example$/, ''))
    await timeline.wait(1 + random.int(100))
    if (provider?.isUp() !== true) return null
    const transferPid = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    const ended = await provider.deliver({ transferPid, authorization: authorizationHeader(address), by: self })
    tell(`${name} got ${ended} of ${transferPid}`)
    return ended
  }

  async function rest(isLong: boolean): Promise<void> {
    weather = CALM
    const since = timeline.now()
    const isSent = (): boolean =>
      [...connectors.values()].every(({ reader }) => reader.list('outbox', { after: null, limit: 1 }).length === 0)
    const lasted = (ms: number): boolean => timeline.now() - since >= ms
    await timeline.run(() => (lasted(SETTLING_MS) && isSent()) || lasted(QUIET_MAX_MS) || timeline.steps > STEPS_MAX)
    if (!isSent()) violations.push({ check: 'restless', text: 'something is sent again and again' })
    else if (isLong) await timeline.run(() => lasted(LIFETIME_MS) || timeline.steps > STEPS_MAX)
    if (timeline.steps > STEPS_MAX) violations.push({ check: 'restless', text: 'there is no end of it' })
  }

  for (const [number, round] of rounds.entries()) {
    weather = round.weather
    tell(`round ${String(number)}`)
    for (const deed of round.deeds)
      timeline.after(deed.atMs, () => {
        doIt(deed)
      })
    const end = timeline.now() + STORM_MS
    await timeline.run(() => timeline.now() >= end || timeline.steps > STEPS_MAX)
    for (const connector of connectors.values()) if (!connector.isStarted()) connector.start()
    const isLast = number === rounds.length - 1
    await rest(isLast)
    const isLate = characters.some(({ deliveryDeadlineMs }) => deliveryDeadlineMs <= STORM_MS)
    violations.push(
      ...check({ connectors, deliveries, isLiedTo: (pid) => excusesLies && liedTo.has(pid), isLate, isOver: isLast }),
    )
    if (violations.length > 0) break
  }

  const all = [...connectors.values()]
  const total = (table: 'negotiation' | 'agreement' | 'transfer', role: 'CONSUMER' | 'PROVIDER'): number =>
    all.reduce(
      (sum, { reader }) =>
        sum + reader.list(table, { after: null, limit: 1_000_000 }).filter((row) => row.role === role).length,
      0,
    )
  for (const { name, reader } of all) tell(`${name} ${reader.evidenceHead().hash}`)
  return {
    negotiations: total('negotiation', 'CONSUMER'),
    agreements: total('agreement', 'CONSUMER'),
    transfers: total('transfer', 'CONSUMER'),
    messages,
    steps: timeline.steps,
    faults,
    violations,
    digest: digest.digest('hex'),
    story,
  }
}
