// What a case says is known, as the facts that a policy is asked with.

import { instant, type Instant } from '../../../kernel/time.ts'
import type { ParticipantId } from '../../../protocol/ids.ts'
import { parseRate } from '../../../protocol/odrl/rates.ts'
import type { Facts } from '../facts.ts'
import type { Case, Given, Subject } from './subject.ts'

/** When it is in a case that does not say: a fixed moment, so that a test says the same for ever. */
const TEST_TIME: Instant = instant(Date.UTC(2026, 5, 1, 4))

/** Who asks in a case that does not say. */
const TEST_PARTICIPANT = 'did:web:peer.example' as ParticipantId

/** As many uses as a case may say there were. */
const USES_MAX = 100_000

/**
 * A frequency is given as the uses there were, `9999/P1D`, and becomes that many uses within the period. What is not given is not
 * known: a fact that is forgotten in a case denies there as it would in truth.
 */
export function factsOfCase({ given, at }: Case, { memberships }: Pick<Subject, 'memberships'>): Facts {
  const now = at ?? TEST_TIME
  const uses = usesBefore(now, given)
  return {
    now,
    participant: (given.participant ?? TEST_PARTICIPANT) as ParticipantId,
    country: null,
    purpose: null,
    agreedAt: given.agreedAt,
    used: given.used ?? 0,
    known: given.known,
    duties: given.duties,
    memberships,
    ...(uses !== null && { uses }),
  }
}

/** Null where the case says nothing of a frequency. */
function usesBefore(now: Instant, { known }: Given): readonly Instant[] | null {
  const { 'tds:frequency': written } = known
  const rate = typeof written === 'string' ? parseRate(written) : null
  if (rate === null) return null
  const last = instant(now - 1)
  return Array.from({ length: Math.min(rate.uses, USES_MAX) }, () => last)
}
