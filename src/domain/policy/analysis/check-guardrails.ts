// Offers of which the rules of the site leave nothing: whatever they permit, a guardrail never does.

import { withDefault } from '../decide.ts'
import { fitsGlob } from '../glob.ts'
import type { DatasetSelector, OfferDefinition } from '../offer-definition.ts'
import type { Guardrail } from '../regime.ts'
import type { Memberships } from '../values.ts'
import { actionsToAsk } from './asked-actions.ts'
import { all, any, listComesTo, type Condition } from './condition.ts'
import { finding, type PolicyFinding } from './findings.ts'
import { permits } from './rule-condition.ts'
import { isImpossible } from './search.ts'
import { collectSide, sideOf } from './side.ts'
import { createSpace } from './space.ts'
import { collectNames, type NamedValues } from './universe.ts'

type Offer = Pick<OfferDefinition, 'policy' | 'rules'> & Partial<Pick<OfferDefinition, 'datasets'>>

/** Only of guardrails that are about all datasets of the offer for certain; one of them alone is named sooner than several. */
export function checkGuardrails(
  offer: Offer,
  guardrails: readonly Guardrail[],
  memberships: Memberships | undefined,
): readonly PolicyFinding[] {
  const rails = guardrails.filter((rail) => isAboutAll(rail, offer))
  const [first] = offer.policy.permissions
  if (rails.length === 0 || first === undefined) return []

  const own = sideOf(offer.policy, offer.rules, memberships)
  const sides = rails.map(({ id, policy }) => sideOf(withDefault(policy), {}, memberships, `guardrail[${id}]`))
  const named: NamedValues = new Map()
  ;[own, ...sides].forEach((side) => collectSide(side, named))
  rails.forEach(({ parties }) => collectNames(parties, named))
  const space = createSpace(named, [memberships])
  const actions = actionsToAsk([own.policy, ...sides.map(({ policy }) => policy)])

  // A guardrail leaves alone whom it certainly does not apply to.
  const permitting = (index: number, action: string): Condition => {
    const [rail, side] = [rails[index], sides[index]]
    if (rail === undefined || side === undefined) return all([])
    const outside = rail.parties.length === 0 ? [] : [listComesTo(rail.parties, ['unsatisfied'], 'grant', side)]
    return any([...outside, permits(side, action)])
  }
  const leavesNothing = (indexes: readonly number[]) =>
    actions.every((action) =>
      isImpossible(all([permits(own, action), ...indexes.map((index) => permitting(index, action))]), space),
    )
  if (leavesNothing([])) return []
  const indexes = rails.map((_, index) => index)
  const alone = indexes.find((index) => leavesNothing([index]))
  const dead = alone === undefined ? (leavesNothing(indexes) ? indexes : []) : [alone]
  const ids = dead.map((index) => rails[index]?.id ?? '')
  if (ids.length === 0) return []
  const words = [ids.length === 1 ? `the guardrail ${ids.join('')}` : `the guardrails ${ids.join(', ')} together`]
  const zhWords = [ids.length === 1 ? `护栏规则 ${ids.join('')} ` : `护栏规则 ${ids.join('、')} 合在一起`]
  return [finding('guardrail-dead', first.path, { words, zhWords })]
}

function isAboutAll({ datasets }: Guardrail, { datasets: offered = [] }: Offer): boolean {
  if (datasets.length === 0) return true
  return offered.length > 0 && offered.every((each) => datasets.some((wide) => includes(wide, each)))
}

function includes(wide: DatasetSelector, each: DatasetSelector): boolean {
  if (wide.kind === 'glob' && each.kind === 'id') return fitsGlob(wide.pattern, each.id)
  if (wide.kind === 'id') return each.kind === 'id' && each.id === wide.id
  if (wide.kind === 'glob') return each.kind === 'glob' && each.pattern === wide.pattern
  return each.kind === 'property' && each.property === wide.property && each.value === wide.value
}
