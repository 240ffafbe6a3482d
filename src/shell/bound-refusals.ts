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

/** The same, except that it throws `busy.limit` (503 on DSP, which no peer takes for the end of a process) above the bound. */
export function createBoundRefusals({
  clock,
  perPeerHourMax,
}: BoundRefusalsOptions): <Message, Opening>(receive: Receive<Message, Opening>) => Receive<Message, Opening> {
  const refused = new Map<string, number>()
  let hour = 0

  function countOf(sender: string): number {
    const now = Math.floor(clock() / HOUR_MS)
    if (now !== hour) refused.clear()
    hour = now
    return refused.get(sender) ?? 0
  }

  async function answered(sender: string, answer: () => Promise<Answer>): Promise<Answer> {
    if (countOf(sender) >= perPeerHourMax) {
      const sentence = `${String(perPeerHourMax)} messages of this participant were refused within the hour`
      throw new ProblemError(problem('busy.limit', sentence))
    }
    const given = await answer()
    if (!given.ok && KINDS[kindOf(given.problem)].evidence) {
      refused.set(sender, countOf(sender) + 1)
      const [oldest] = refused.size > PEERS_MAX ? refused.keys() : []
      if (oldest !== undefined) refused.delete(oldest)
    }
    return given
  }

  return (receive) => ({
    message: (inbound) => answered(inbound.sender, () => receive.message(inbound)),
    opening: (inbound, pid) => answered(inbound.sender, () => receive.opening(inbound, pid)),
  })
}
