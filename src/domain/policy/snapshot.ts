// The facts of a decision as evidence keeps them: enough to ask the same question again, of the same policy or of another.

import type { Json } from '../../kernel/canonical-json.ts'
import { instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import type { DutyProgress } from './duties.ts'
import type { Fact, Facts } from './facts.ts'

export type Snapshot = { readonly [key: string]: Json }

/** Facts with more uses than these are kept without, and cannot be decided by again. */
const USES_MAX = 50

/** Without memberships: they are the vocabulary's of that time, which the generation of the policies keeps. */
export function snapshotOf({
  now,
  participant,
  country,
  purpose,
  agreedAt,
  used,
  known,
  uses,
  duties,
  infringed,
  ahead,
}: Facts): Snapshot {
  return {
    ...{ now, participant, country, purpose, agreedAt, used },
    ...(known !== undefined && Object.keys(known).length > 0 && { known: { ...known } }),
    ...(uses !== undefined && { uses: uses.length <= USES_MAX ? [...uses] : null }),
    ...(duties !== undefined && Object.keys(duties).length > 0 && { duties: { ...duties } }),
    ...(infringed !== undefined && infringed.length > 0 && { infringed: [...infringed] }),
    ...(ahead !== undefined && ahead.length > 0 && { ahead: [...ahead] }),
  }
}

/** The facts again; null where an entry has none, as those of older builds, or not all of them. */
export function factsOf(snapshot: Json | undefined): Facts | null {
  if (typeof snapshot !== 'object' || snapshot === null || Array.isArray(snapshot)) return null
  const { now, participant, country, purpose, agreedAt, used, known, uses, duties, infringed, ahead } =
    snapshot as Snapshot
  if (typeof now !== 'number' || typeof participant !== 'string' || typeof used !== 'number') return null
  // A rate over uses that are not known would deny what was permitted.
  if (uses === null) return null
  return {
    now: instant(now),
    participant: participant as ParticipantId,
    country: typeof country === 'string' ? country : null,
    purpose: typeof purpose === 'string' ? purpose : null,
    agreedAt: typeof agreedAt === 'number' ? instant(agreedAt) : null,
    used,
    ...(isObject(known) && { known: known as Readonly<Record<string, Fact>> }),
    ...(Array.isArray(uses) && { uses: uses.filter((at) => typeof at === 'number').map((at) => instant(at)) }),
    ...(isObject(duties) && { duties: duties as Readonly<Record<string, DutyProgress>> }),
    ...(Array.isArray(infringed) && { infringed: infringed.filter((name) => typeof name === 'string') }),
    ...(Array.isArray(ahead) && { ahead: ahead.filter((name) => typeof name === 'string') }),
  }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
