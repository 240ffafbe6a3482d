// Whether a condition is ever true: certainly never, in a situation that shows it, or nobody can say.

import { alternativesOf } from './dnf.ts'
import type { Condition } from './condition.ts'
import type { Box } from './domains.ts'
import type { Situation } from './situation.ts'
import { situationsIn } from './situations.ts'
import type { Space } from './space.ts'

export type Found =
  | { readonly kind: 'never' }
  | { readonly kind: 'situation'; readonly situation: Situation }
  | { readonly kind: 'unclear' }

/** Alternatives out of which situations are picked. */
const BOXES_TRIED_MAX = 48

/**
 * @param action that is asked for
 * @param confirm asks the evaluator itself: no situation is given that it does not confirm
 */
export function search(
  condition: Condition,
  action: string,
  space: Space,
  confirm: (situation: Situation) => boolean,
): Found {
  const boxes = alternativesOf(condition, space)
  for (let tried = 0; tried < BOXES_TRIED_MAX; tried += 1) {
    const next = boxes.next()
    if (next.done === true) return { kind: next.value && tried === 0 ? 'never' : 'unclear' }
    const situation = situationsIn(next.value, action, space).find(confirm)
    if (situation !== undefined) return { kind: 'situation', situation }
  }
  return { kind: 'unclear' }
}

/** Whether the condition is certainly never true; with `within`, never where the facts lie in that box. */
export function isImpossible(condition: Condition, space: Space, within?: Box): boolean {
  const first = alternativesOf(condition, space, within).next()
  return first.done === true && first.value
}
