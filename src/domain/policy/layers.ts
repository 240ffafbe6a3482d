// Everything that must permit a request, asked one by one: the access rules of the offer, its own rules, and the rules of the
// site. Where `decideUse` stops at the first that denies, here every one of them answers.

import type { CompiledConstraints, CompiledPolicy } from './compiled.ts'
import { decideUse, withDefault } from './decide.ts'
import { isPermitted, type ConstraintsDecision, type Decision, type Verdict } from './decision.ts'
import { evaluateConstraints, evaluatePolicy } from './evaluate.ts'
import type { Facts, Phase } from './facts.ts'
import type { Selectable } from './offer-definition.ts'
import { guardrailsOn, type Guardrail, type Regime } from './regime.ts'

export interface LayeredQuestion {
  /** Who may see the offer; empty: everybody. */
  readonly access: CompiledConstraints
  readonly policy: CompiledPolicy
  readonly regime: Regime
  /** Null where it is not known: then every rule of the site is asked. */
  readonly dataset: Selectable | null
  readonly facts: Facts
  readonly phase: Phase
  /** Null: a delivery, as the contract names it. */
  readonly action: string | null
}

export type Layer =
  | { readonly kind: 'access'; readonly id: null; readonly decision: ConstraintsDecision }
  | { readonly kind: 'contract'; readonly id: null; readonly decision: Decision }
  | { readonly kind: 'guardrail'; readonly id: string; readonly decision: Decision; readonly rail: Guardrail }

export interface Layers {
  /** Of all of them together. */
  readonly verdict: Verdict
  readonly layers: readonly Layer[]
}

/** Access is asked of those who have no agreement yet, and the rules of the contract of those who want one or have one. */
// prettier-ignore
const ASKED: Readonly<Record<Phase, { readonly access: boolean; readonly rules: boolean }>> = {
  catalogue:   { access: true,  rules: false },
  negotiation: { access: true,  rules: true },
  start:       { access: false, rules: true },
  during:      { access: false, rules: true },
  after:       { access: false, rules: true },
}

export function askLayers(question: LayeredQuestion): Layers {
  const { facts, phase } = question
  const asked = ASKED[phase]
  const access: readonly Layer[] = asked.access
    ? [{ kind: 'access', id: null, decision: evaluateConstraints(question.access, facts, phase) }]
    : []
  const layers = [...access, ...(asked.rules ? ruleLayers(question) : [])]
  const refusing = layers.find((layer) => !permits(layer))
  if (refusing !== undefined) return { verdict: verdictOf(refusing), layers }
  const isConditional = layers.some((layer) => verdictOf(layer) === 'conditional')
  return { verdict: isConditional ? 'conditional' : 'permit', layers }
}

export function permits({ kind, decision }: Layer): boolean {
  return kind === 'access' ? decision.holds : isPermitted(decision)
}

function verdictOf({ kind, decision }: Layer): Verdict {
  return kind === 'access' ? (decision.holds ? 'permit' : 'deny') : decision.verdict
}

function ruleLayers({ policy, regime, dataset, facts, phase, action }: LayeredQuestion): readonly Layer[] {
  const own =
    action === null
      ? decideUse({ policy, regime: { ...regime, guardrails: [] }, dataset, facts, phase })
      : evaluatePolicy(policy, action, facts, phase)
  const rails = guardrailsOn(regime, dataset, facts, phase).map((rail): Layer => {
    const decision = evaluatePolicy(withDefault(rail.policy), own.action, facts, phase)
    return { kind: 'guardrail', id: rail.id, decision, rail }
  })
  return [{ kind: 'contract', id: null, decision: own }, ...rails]
}
