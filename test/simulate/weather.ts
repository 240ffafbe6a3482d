// What goes wrong between connectors, and inside of them: how likely each fault is, and what becomes of one call.

import type { Random } from './random.ts'

// prettier-ignore
export const FAULTS = {
  lost:       'a request never arrives',
  unanswered: 'an answer (the ACK) never comes',
  late:       'a request or an answer takes longer than the one before it, up to longer than the sender waits',
  doubled:    'a request arrives a second time, with the same token',
  repeated:   'a request arrives a second time, with a token of its own, as a sender without tokens repeats it',
  parted:     'two connectors cannot reach each other for a while',
  crashed:    'a process dies, with what was under way; transactions that waited are lost',
  kept:       'a process dies after its commit and before anybody was told',
  jumped:     'a clock jumps',
  conflicted: 'a peer answers 409 to a message that it has taken already',
  refused:    'a peer refuses a message, and takes it all the same when it comes again by another way',
  forgotten:  'a peer answers 200 and forgets',
} as const

export type Fault = keyof typeof FAULTS

/** How likely each of them is: of a call, or (parted, crashed, kept, jumped) of one of the things that users do. */
export type Weather = Readonly<Record<Fault, number>>

export const CALM = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as unknown as Weather

/** Weathers from fine to foul; peers that lie only where `isHonest` is not given. */
export function drawWeather(random: Random, isHonest: boolean): Weather {
  const foul = random.pick([0, 0.02, 0.05, 0.1, 0.25])
  const some = (share: number): number => (random.chance(0.6) ? foul * share : 0)
  return {
    lost: some(1),
    unanswered: some(1),
    late: some(2),
    doubled: some(0.5),
    repeated: some(0.5),
    parted: some(0.3),
    crashed: some(0.3),
    kept: some(0.3),
    jumped: some(0.2),
    conflicted: some(0.5),
    refused: isHonest ? 0 : some(0.5),
    forgotten: isHonest ? 0 : some(0.5),
  }
}

/** What happens to one call, in milliseconds from its beginning. */
export interface Fate {
  readonly requestMs: number | 'lost'
  readonly answerMs: number | 'lost'
  readonly copies: readonly { readonly afterMs: number; readonly token: 'same' | 'own' }[]
  readonly lie: 'conflicted' | 'refused' | 'forgotten' | null
}

/** The sender gives up after this time; what arrives later is answered to nobody. */
export const CLIENT_TIMEOUT_MS = 10_000
const USUAL_MS = 30
const LATE_MS = 20_000

export function drawFate(random: Random, weather: Weather, strike: (fault: Fault) => void): Fate {
  const strikes = (fault: Fault): boolean => {
    const does = weather[fault] > 0 && random.chance(weather[fault])
    if (does) strike(fault)
    return does
  }
  const takes = (): number => 1 + random.int(USUAL_MS) + (strikes('late') ? random.int(LATE_MS) : 0)
  const copy = (token: 'same' | 'own') => ({ afterMs: 1 + random.int(LATE_MS), token })
  return {
    requestMs: strikes('lost') ? 'lost' : takes(),
    answerMs: strikes('unanswered') ? 'lost' : takes(),
    copies: [...(strikes('doubled') ? [copy('same')] : []), ...(strikes('repeated') ? [copy('own')] : [])],
    lie: strikes('conflicted')
      ? 'conflicted'
      : strikes('refused')
        ? 'refused'
        : strikes('forgotten')
          ? 'forgotten'
          : null,
  }
}
