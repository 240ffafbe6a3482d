// What all checks of one policy share: the policy, and the space of the facts that it depends on.

import type { Rules } from '../../../protocol/odrl/types.ts'
import type { CompiledConstraints } from '../compiled.ts'
import { comesTo, RESULTS } from './condition.ts'
import type { Box, Domain } from './domains.ts'
import { boxesOf } from './regions.ts'
import type { Side } from './side.ts'
import type { Space } from './space.ts'

export interface Examined {
  readonly side: Side
  /** As they were written. */
  readonly rules: Rules
  readonly space: Space
  /** The actions that have to be asked for. */
  readonly actions: readonly string[]
}

/** Where every fact that the constraints depend on is known. */
export function whereKnown(constraints: CompiledConstraints, { side, space }: Pick<Examined, 'side' | 'space'>): Box {
  const box = new Map<string, Domain>()
  for (const constraint of constraints) {
    if (constraint.kind === 'logical') {
      whereKnown(constraint.of, { side, space }).forEach((domain, key) => box.set(key, domain))
      continue
    }
    const leaf = comesTo(constraint, RESULTS, 'part', side)
    if (leaf.kind !== 'atom') continue
    for (const drawn of boxesOf(leaf, space)) drawn.forEach((domain, key) => box.set(key, known(domain)))
  }
  return box
}

const UNORDERED_OR_NOT: readonly string[] = ['less', 'equal', 'greater', 'satisfied', 'unsatisfied']

function known(domain: Domain): Domain {
  switch (domain.kind) {
    case 'numbers':
      return { ...domain, orMissing: false }
    case 'things':
      return { ...domain, orMissing: false }
    case 'choice':
      return { ...domain, words: new Set(UNORDERED_OR_NOT) }
  }
}
