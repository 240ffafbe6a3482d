// Everything that can be said of policies without any request: what they can never do, what they say twice, what they leave open.

import type { Rules } from '../../../protocol/odrl/types.ts'
import type { CompiledPolicy } from '../compiled.ts'
import type { OfferDefinition } from '../offer-definition.ts'
import type { Guardrail } from '../regime.ts'
import type { Memberships } from '../values.ts'
import { actionsToAsk } from './asked-actions.ts'
import { checkCare } from './check-care.ts'
import { checkConstraints } from './check-constraints.ts'
import { checkDuties } from './check-duties.ts'
import { checkGuardrails } from './check-guardrails.ts'
import { checkRules } from './check-rules.ts'
import type { Examined } from './examined.ts'
import type { PolicyFinding } from './findings.ts'
import { collectSide, sideOf } from './side.ts'
import { createSpace } from './space.ts'
import type { NamedValues } from './universe.ts'

export interface AnalysisOptions {
  /** Of the vocabulary under which the policy will be asked: what belongs to what. */
  readonly memberships?: Memberships
  /** Something beside the rules already says who may, as the `access` of an offer does. */
  readonly isSeenByFew?: boolean
  /** At which the policy was compiled. */
  readonly path?: string
}

/**
 * What is certain of the policy when its data are asked for (phases `start` and `during`), of any facts that are of their types;
 * of an operand that has one value (`isMany` in the table of operands), one. Nothing is said where it is not certain, or would
 * take too long to find out.
 * @param rules what it was compiled from
 */
export function analysePolicy(
  policy: CompiledPolicy,
  rules: Rules,
  { memberships, isSeenByFew = false, path = '' }: AnalysisOptions = {},
): readonly PolicyFinding[] {
  const examined = examine(policy, rules, memberships, path)
  const { permissions, prohibitions, obligations } = policy
  const duties = [
    ...permissions.flatMap((rule) => rule.duties),
    ...prohibitions.flatMap((rule) => rule.remedies),
    ...obligations,
  ]
  return [
    ...permissions.flatMap((rule) => checkConstraints(rule, 'permission', examined)),
    ...prohibitions.flatMap((rule) => checkConstraints(rule, 'prohibition', examined)),
    ...duties.flatMap((duty) => checkConstraints({ ...duty, refinement: [] }, 'duty', examined)),
    ...checkRules(examined),
    ...checkDuties(examined),
    ...checkCare(examined, isSeenByFew),
  ]
}

function examine(policy: CompiledPolicy, rules: Rules, memberships: Memberships | undefined, path: string): Examined {
  const side = sideOf(policy, rules, memberships, path)
  const named: NamedValues = new Map()
  collectSide(side, named)
  return { side, rules, space: createSpace(named, [memberships]), actions: actionsToAsk([policy]) }
}

/** The offers of one folder with what stands over them; more members, as those of a policy set, do no harm. */
export interface AnalysedSet {
  readonly offers: readonly (Pick<OfferDefinition, 'id' | 'policy' | 'rules'> &
    Partial<Pick<OfferDefinition, 'access' | 'datasets'>>)[]
  readonly guardrails: readonly Guardrail[]
  readonly memberships?: Memberships
}

export interface SetFinding extends PolicyFinding {
  /** Of what it is said: an offer or a guardrail, by its id. */
  readonly about: { readonly kind: 'offer' | 'guardrail'; readonly id: string }
}

/** Every offer and guardrail for itself, and the offers that the guardrails leave nothing of. */
export function analyseSet({ offers, guardrails, memberships }: AnalysedSet): readonly SetFinding[] {
  const options = memberships === undefined ? {} : { memberships }
  return [
    ...offers.flatMap((offer) => {
      const { id, policy, rules, access = [] } = offer
      const found = [
        ...analysePolicy(policy, rules, { ...options, isSeenByFew: access.length > 0 }),
        ...checkGuardrails(offer, guardrails, memberships),
      ]
      return found.map((each) => ({ ...each, about: { kind: 'offer', id } as const }))
    }),
    ...guardrails.flatMap(({ id, policy }) => {
      const found = analysePolicy(policy, {}, { ...options, isSeenByFew: true, path: `guardrail[${id}]` })
      return found.map((each) => ({ ...each, about: { kind: 'guardrail', id } as const }))
    }),
  ]
}
