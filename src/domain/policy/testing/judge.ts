// The verdict of an offer, a guardrail or a template on one case, as the connector would come to it.

import { withDefault } from '../decide.ts'
import type { ConstraintsDecision, Decision, DutyReason, Verdict } from '../decision.ts'
import { evaluateConstraints, evaluateObligations, evaluatePolicy } from '../evaluate.ts'
import type { Phase } from '../facts.ts'
import { factsOfCase } from './facts-of-case.ts'
import type { Case, Subject } from './subject.ts'

export interface Judged {
  readonly verdict: Verdict
  /** Null where nothing stands in front of the rules, or this phase does not ask it. */
  readonly gate: ConstraintsDecision | null
  /** Null where the gate decided already. */
  readonly decision: Decision | null
  /** Whatever they are: a decision lists those that are owed, and only where it permits. */
  readonly obligations: readonly DutyReason[]
}

/**
 * An offer is shown to those whom `access` admits, and what is not shown is not negotiated; in the catalogue nothing else is
 * asked. A guardrail is about its `parties`, and permits to all others, and whatever it does not prohibit.
 */
export function judge(subject: Subject, asked: Case): Judged {
  const { kind, gate: constraints } = subject
  const { action, phase } = asked
  const facts = factsOfCase(asked, subject)
  const gatePhase = gatePhaseOf(kind, phase)
  const gate =
    gatePhase === null || constraints.length === 0 ? null : evaluateConstraints(constraints, facts, gatePhase)
  if (gate !== null && kind === 'offer' && !gate.holds)
    return { verdict: 'deny', gate, decision: null, obligations: [] }
  const isElsewhere = kind === 'guardrail' && gate?.result === 'unsatisfied'
  if (isElsewhere || (kind === 'offer' && phase === 'catalogue'))
    return { verdict: 'permit', gate, decision: null, obligations: [] }

  const policy = kind === 'guardrail' ? withDefault(subject.policy) : subject.policy
  const decision = evaluatePolicy(policy, action, facts, phase)
  return { verdict: decision.verdict, gate, decision, obligations: evaluateObligations(policy, facts, phase) }
}

/** Null where the gate is not asked: an agreement stands by itself. */
function gatePhaseOf(kind: Subject['kind'], phase: Phase): Phase | null {
  // prettier-ignore
  switch (kind) {
    case 'offer':     return phase === 'catalogue' || phase === 'negotiation' ? 'catalogue' : null
    case 'guardrail': return phase
    case 'template':  return null
  }
}
