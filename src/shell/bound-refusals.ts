// How much of what a peer does wrong goes on record: refusals are evidence, and evidence is kept for good. Whoever goes on
// being refused is told to wait, and leaves no more rows behind.

import type { Answer } from '../domain/exchange/inbound.ts'
import { kindOf, KINDS, problem, ProblemError } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import type { Receive } from './receive-negotiation.ts'

export interface BoundRefusalsOptions {
  readonly clock: Clock
  /** Refusals of one peer that go on record in an hour, of both kinds of process together. */
  readonly perPeerHourMax: number
}

const HOUR_MS = 60 * 60 * 1000
/** Peers that are remembered within an hour; each of them had to prove who it is. */
const PEERS_MAX = 10_000

/** What was refused of whom; shared by all that puts refusals on record. */
export interface RefusalBound {
  /** Throws `busy.limit` (503 on DSP, which no peer takes for the end of a process) where there were too many in this hour. */
  readonly check: (sender: string) => void
  /** To be called for each refusal of that participant of a kind that goes on record. */
  readonly note: (sender: string) => void
}

export function createRefusalBound({ clock, perPeerHourMax }: BoundRefusalsOptions): RefusalBound {
  const refused = new Map<string, number>()
  let hour = 0

  function countOf(sender: string): number {
    const now = Math.floor(clock() / HOUR_MS)
    if (now !== hour) refused.clear()
    hour = now
    return refused.get(sender) ?? 0
  }

  return {
    check: (sender) => {
      if (countOf(sender) < perPeerHourMax) return
      const sentence = `${String(perPeerHourMax)} requests of this participant were refused within the hour`
      throw new ProblemError(problem('busy.limit', sentence))
    },
    note: (sender) => {
      refused.set(sender, countOf(sender) + 1)
      const [oldest] = refused.size > PEERS_MAX ? refused.keys() : []
      if (oldest !== undefined) refused.delete(oldest)
    },
  }
}

/** The same for messages: above the bound none is looked at. */
export function boundRefusals({
  check,
  note,
}: RefusalBound): <Message, Opening>(receive: Receive<Message, Opening>) => Receive<Message, Opening> {
  async function answered(sender: string, answer: () => Promise<Answer>): Promise<Answer> {
    check(sender)
    const given = await answer()
    if (!given.ok && KINDS[kindOf(given.problem)].evidence) note(sender)
    return given
  }

  return (receive) => ({
    message: (inbound) => answered(inbound.sender, () => receive.message(inbound)),
    opening: (inbound, pid) => answered(inbound.sender, () => receive.opening(inbound, pid)),
  })
}
