// What is worth knowing of a policy that is right: what nothing enforces, whom it leaves out of account, what it never delivers.

import { atomsIn } from '../atoms.ts'
import type { CompiledAtomic, CompiledRule } from '../compiled.ts'
import type { Examined } from './examined.ts'
import { finding, type PolicyFinding } from './findings.ts'
import { permits } from './rule-condition.ts'
import { isImpossible, search } from './search.ts'
import { allConstraintsOf } from './side.ts'
import { isPermittedIn, type Situation } from './situation.ts'

/** `isSeenByFew`: something else already says who may. */
export function checkCare(examined: Examined, isSeenByFew: boolean): readonly PolicyFinding[] {
  return [...unenforced(examined), ...phaseGap(examined), ...(isSeenByFew ? [] : broadParty(examined))]
}

/** Once for each left operand, at the first place. */
function unenforced({ side }: Examined): readonly PolicyFinding[] {
  const { permissions, prohibitions, obligations } = side.policy
  const seen = new Set<string>()
  return [...permissions, ...prohibitions, ...obligations].flatMap(atomsOf).flatMap(({ left, path, about }) => {
    if (about.enforcement !== 'contract' || seen.has(left)) return []
    seen.add(left)
    return [finding('unenforced-operand', path, { words: [left], zhWords: [about.label.zh] })]
  })
}

/** Said only where it is certain that nothing is ever delivered, and shown that the agreement is not refused. */
function phaseGap({ side, space, actions }: Examined): readonly PolicyFinding[] {
  const [first] = side.policy.permissions
  if (first === undefined || !actions.every((action) => isImpossible(permits(side, action), space))) return []
  for (const action of actions) {
    const isAgreed = (situation: Situation) => isPermittedIn(side, early(situation))
    const found = search(permits({ ...side, isEarly: true }, action), action, space, isAgreed)
    if (found.kind === 'situation') return [finding('phase-gap', first.path, { witness: early(found.situation) })]
  }
  return []
}

/** The same before there is an agreement. */
function early(situation: Situation): Situation {
  return { ...situation, phase: 'negotiation', facts: { ...situation.facts, agreedAt: null } }
}

function broadParty({ side }: Examined): readonly PolicyFinding[] {
  return side.policy.permissions
    .filter((rule) => rule.scopes?.assignee === undefined && !atomsOf(rule).some(({ about }) => isOfParty(about)))
    .map(({ path }) => finding('broad-party', path))
}

/** Says something of the participant that can be known before anything is agreed. */
function isOfParty({ inAccess, source }: CompiledAtomic['about']): boolean {
  return inAccess && (source === 'claim' || source === 'network')
}

function atomsOf(rule: CompiledRule): readonly CompiledAtomic[] {
  return allConstraintsOf(rule).flatMap(atomsIn)
}
