// A stored decision made again with the facts of its time, under other rules: would it have come out otherwise? Pure.

import type { Json } from '../../kernel/canonical-json.ts'
import type { CompiledPolicy } from './compiled.ts'
import { isPhase } from './asked.ts'
import { isPermitted } from './decision.ts'
import { decideUse } from './decide.ts'
import { reasonOf } from './explain.ts'
import type { Selectable } from './offer-definition.ts'
import type { Regime } from './regime.ts'
import { factsOf } from './snapshot.ts'

/** What evidence says of a decision. */
export type Trace = { readonly [key: string]: Json }

export interface Replayed {
  readonly before: 'permit' | 'deny'
  readonly after: 'permit' | 'deny'
  readonly reason: string | null
  readonly path: string | null
}

/** Null where the entry has no facts (older builds, counter-offers, refusals that no policy made). */
export function replay(
  trace: Trace,
  policy: CompiledPolicy,
  regime: Regime,
  dataset: Selectable | null,
): Replayed | null {
  const facts = factsOf(trace.facts)
  const { verdict, phase = 'negotiation' } = trace
  if (facts === null || typeof verdict !== 'string' || !isPhase(phase)) return null
  const decision = decideUse({ policy, regime, dataset, facts: { ...facts, memberships: regime.memberships }, phase })
  const reason = reasonOf(decision)
  return {
    before: verdict === 'permit' || verdict === 'conditional' ? 'permit' : 'deny',
    after: isPermitted(decision) ? 'permit' : 'deny',
    reason: reason?.message ?? null,
    path: reason?.path ?? null,
  }
}
