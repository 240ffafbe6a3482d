// Whether data may be used: the contract and the rules of the site, asked together. All of them must permit.

import type { Instant } from '../../kernel/time.ts'
import { covers } from '../../protocol/odrl/actions.ts'
import { atomsOfPolicy } from './atoms.ts'
import type { CompiledPolicy } from './compiled.ts'
import { isPermitted, type Decision } from './decision.ts'
import { evaluatePolicy } from './evaluate.ts'
import { isBefore, type Facts, type Phase } from './facts.ts'
import { amountUntilChange, nextChange, type Metered } from './next-change.ts'
import type { Selectable } from './offer-definition.ts'
import { guardrailsOn, type Guardrail, type Regime } from './regime.ts'

/** The action that a delivery is, in ODRL's words, where the contract does not name a narrower one. */
const USE = 'use'

/** What no delivery of the data themselves is: it is done where the data are, or with the rights and not the data. */
const NO_DELIVERY = [
  'tds:compute',
  'tds:jointDevelop',
  'grantUse',
  'nextPolicy',
  'obtainConsent',
  'compensate',
  'delete',
]

export interface UseQuestion {
  readonly policy: CompiledPolicy
  readonly regime: Regime
  /** Null where it is not known any more. */
  readonly dataset: Selectable | null
  readonly facts: Facts
  readonly phase: Phase
}

/** The decision that denies, or the contract's own, with what the site defers and demands beside it. */
export function decideUse(question: UseQuestion): Decision {
  const { policy, facts, phase } = question
  const own = decideByContract(policy, facts, phase)
  if (!isPermitted(own)) return own
  let decision = own
  for (const { policy: rail } of applying(question)) {
    const site = evaluatePolicy(withDefault(rail), own.action, facts, phase)
    if (!isPermitted(site)) return site
    decision = {
      ...decision,
      verdict: site.verdict === 'conditional' ? 'conditional' : decision.verdict,
      cause: site.verdict === 'conditional' ? site.cause : decision.cause,
      reasons: [...decision.reasons, ...site.reasons],
      duties: [...decision.duties, ...site.duties],
      deferred: [...decision.deferred, ...site.deferred],
    }
  }
  return decision
}

/** The next instant at which time alone may change that decision; null if none will come. */
export function nextChangeOfUse(question: UseQuestion): Instant | null {
  const turns = policiesOf(question).flatMap((policy) => nextChange(policy, question.facts) ?? [])
  return turns.reduce<Instant | null>((first, turn) => (first === null || turn < first ? turn : first), null)
}

/** Whether a contract or a rule of the site asks for the number of records: they are counted only then. */
export function asksForRecords(question: UseQuestion): boolean {
  return policiesOf(question).some((policy) => atomsOfPolicy(policy).some(({ left }) => left === 'tds:recordCount'))
}

/** How many more of these may leave before that may change the decision; null if no number of them does. */
export function amountLeftOfUse(question: UseQuestion, left: Metered): number | null {
  const turns = policiesOf(question).flatMap((policy) => amountUntilChange(policy, left, question.facts) ?? [])
  return turns.length === 0 ? null : Math.min(...turns)
}

function policiesOf(question: UseQuestion): readonly CompiledPolicy[] {
  return [question.policy, ...applying(question).map(({ policy }) => policy)]
}

/**
 * A contract that permits `use` is asked for that. One that permits narrower actions is asked for each of them that a delivery
 * can be, in order, until one is permitted: whoever may only `read` may have the data to read. Before there is an agreement it
 * is asked whether it permits anything: one on computing where the data are is concluded too, and delivers nothing.
 */
function decideByContract(policy: CompiledPolicy, facts: Facts, phase: Phase): Decision {
  const [first = USE, ...others] = actionsOf(policy, isBefore(phase, 'start'))
  let decision = evaluatePolicy(policy, first, facts, phase)
  for (const action of others) {
    if (isPermitted(decision)) break
    const next = evaluatePolicy(policy, action, facts, phase)
    if (isPermitted(next)) decision = next
  }
  return decision
}

function actionsOf({ permissions }: CompiledPolicy, isAgreeing: boolean): readonly string[] {
  const [only, ...more] = permissions
  if (only !== undefined && more.length === 0 && only.action === USE) return [USE]
  const actions = permissions.map(({ action }) => (covers(action, USE) ? USE : action))
  const isAsked = (action: string): boolean => isAgreeing || (covers(USE, action) && !NO_DELIVERY.includes(action))
  return [...new Set(actions)].filter(isAsked)
}

function applying({ regime, dataset, facts, phase }: UseQuestion): readonly Guardrail[] {
  return regime.guardrails.length === 0 ? [] : guardrailsOn(regime, dataset, facts, phase)
}

const PERMIT_ALL = {
  path: 'guardrail',
  id: null,
  action: '*',
  refinement: [],
  scopes: null,
  constraints: [],
  duties: [],
} as const

/** A guardrail of prohibitions alone permits what it does not prohibit; that is no conflict, which would void it. */
export function withDefault(rail: CompiledPolicy): CompiledPolicy {
  return rail.permissions.length > 0 ? rail : { ...rail, permissions: [PERMIT_ALL], conflict: 'prohibit' }
}
