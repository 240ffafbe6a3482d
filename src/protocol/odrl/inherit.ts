// What a policy inherits from others (ODRL IM 2.2, 2.9): their rules, what all their rules share, profiles and conflict strategies.

import { fail } from './any-constraints.ts'
import { idIn, valuesOf, type Graph, type GraphNode } from './graph.ts'

const PLACE = 'inheritFrom'
const FAMILY_MAX = 1000

/**
 * The policy and all that it inherits from, each once, nearest first. Refuses circles and parents that are not there. The
 * `status` of constraints is not inherited because it is not read anywhere.
 */
export function familyOf(policy: GraphNode, graph: Graph): readonly GraphNode[] {
  const family = new Map<GraphNode, 'open' | 'done'>()

  function add(member: GraphNode): void {
    family.set(member, 'open')
    if (family.size > FAMILY_MAX) fail(`expected at most ${String(FAMILY_MAX)} policies to inherit from`, PLACE)
    for (const value of valuesOf(member, 'inheritFrom')) {
      const parent = graph.node(value) ?? fail(`the policy ${idIn(value)} that it inherits from is not given`, PLACE)
      if (family.get(parent) === 'open') fail(`the policy inherits from itself by ${idIn(value)}`, PLACE)
      if (!family.has(parent)) add(parent)
    }
    family.set(member, 'done')
  }
  add(policy)
  return [...family.keys()]
}
