// What one policy permits and another does not, when the data are asked for: certain, or shown by a request, or not known.

import { all, not } from './condition.ts'
import { actionsToAsk } from './asked-actions.ts'
import { permits } from './rule-condition.ts'
import { search, type Found } from './search.ts'
import { collectSide, type Side } from './side.ts'
import { isPermittedIn, type Situation } from './situation.ts'
import { createSpace } from './space.ts'
import type { NamedValues } from './universe.ts'

/** Of what is permitted: `widened`, more than before; `incomparable`, more in some situations and less in others. */
export type Relation = 'equal' | 'widened' | 'narrowed' | 'incomparable' | 'unknown'

export interface Comparison {
  readonly relation: Relation
  /** What is permitted now and was not; null where there is nothing, or nothing was found. */
  readonly gained: Situation | null
  /** What was permitted and is not any more. */
  readonly lost: Situation | null
}

/** From the first policy to the second, in the phases `start` and `during`. Every situation was confirmed by the evaluator. */
export function compareSides(a: Side, b: Side): Comparison {
  const named: NamedValues = new Map()
  collectSide(a, named)
  collectSide(b, named)
  const space = createSpace(named, [a.memberships, b.memberships])
  const actions = actionsToAsk([a.policy, b.policy])
  const difference = (more: Side, less: Side): Found => {
    let found: Found = { kind: 'never' }
    for (const action of actions) {
      const condition = all([permits(more, action), not(permits(less, action))])
      const confirm = (situation: Situation) => isPermittedIn(more, situation) && !isPermittedIn(less, situation)
      const next = search(condition, action, space, confirm)
      if (next.kind === 'situation') return next
      if (next.kind === 'unclear') found = next
    }
    return found
  }
  const [gained, lost] = [difference(b, a), difference(a, b)]
  return { relation: relationOf(gained, lost), gained: situationOf(gained), lost: situationOf(lost) }
}

function relationOf(gained: Found, lost: Found): Relation {
  if (gained.kind === 'situation' && lost.kind === 'situation') return 'incomparable'
  if (gained.kind === 'unclear' || lost.kind === 'unclear') return 'unknown'
  if (gained.kind === 'situation') return 'widened'
  return lost.kind === 'situation' ? 'narrowed' : 'equal'
}

function situationOf(found: Found): Situation | null {
  return found.kind === 'situation' ? found.situation : null
}
