// The alternatives of a condition in disjunctive normal form, each a box of domains, one after the other: those that are
// impossible fall away before they are written out, and beyond a limit nothing is claimed.

import { contradicts } from './axioms.ts'
import { isGroup, type Condition } from './condition.ts'
import { meet, type Box, type Domain } from './domains.ts'
import { boxesOf } from './regions.ts'
import type { Space } from './space.ts'

/** Alternatives that are written out. */
const CONJUNCTS_MAX = 4096
/** Boxes that are laid over each other on the way, in one search. */
const MEETINGS_MAX = 40_000

/** A condition with its leaves drawn. */
type Node =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Node[] }
  | { readonly kind: 'boxes'; readonly boxes: readonly Box[] }

interface Work {
  readonly space: Space
  meetings: number
}

/**
 * Boxes that together hold every situation in which the condition is true; none of them is known to be empty.
 * @param within what is known beside the condition
 * @returns at the end, whether these were all: false once there were too many to go on
 */
export function* alternativesOf(condition: Condition, space: Space, within: Box = new Map()): Generator<Box, boolean> {
  const work = { space, meetings: 0 }
  if (space.budget.meetings <= 0) return false
  let count = 0
  for (const box of alternatives(within, [drawn(condition, space)], work)) {
    if (box === null || count === CONJUNCTS_MAX) return false
    count += 1
    yield box
  }
  return true
}

function drawn(condition: Condition, space: Space): Node {
  if (!isGroup(condition)) return { kind: 'boxes', boxes: boxesOf(condition, space) }
  const { kind } = condition
  const of = condition.of.map((part) => drawn(part, space))
  return { kind, of: of.flatMap((part) => (part.kind === kind ? part.of : [part])) }
}

/** Null once there is too much work. */
function* alternatives(start: Box, nodes: readonly Node[], work: Work): Generator<Box | null> {
  const settled = settle(start, nodes, work)
  if (settled === null) return
  const { box, choice, others } = settled
  if (work.meetings > MEETINGS_MAX) {
    yield null
    return
  }
  if (choice === null) {
    yield box
    return
  }
  for (const [next, more] of choice) yield* alternatives(next, [...more, ...others], work)
}

/** What a choice leads to: a smaller box, and what has to hold beside it. */
type Option = readonly [box: Box, more: readonly Node[]]

interface Settled {
  readonly box: Box
  /** The fewest options that any node leaves; null where nothing is open any more. */
  readonly choice: readonly Option[] | null
  readonly others: readonly Node[]
}

/** Everything that leaves no choice is put into the box. Null where something cannot be. */
function settle(start: Box, nodes: readonly Node[], work: Work): Settled | null {
  let box = start
  let open = nodes
  for (;;) {
    const kept: { readonly node: Node; readonly options: readonly Option[] }[] = []
    let isChanged = false
    const added: Node[] = []
    for (const node of open) {
      const options = optionsOf(node, box, work)
      const [first, second] = options ?? []
      if (options === null) continue
      if (first === undefined) return null
      if (second === undefined) {
        isChanged = true
        box = first[0]
        added.push(...first[1])
      } else kept.push({ node, options })
      if (work.meetings > MEETINGS_MAX) break
    }
    if (contradicts(box, work.space)) return null
    if (isChanged && work.meetings <= MEETINGS_MAX) {
      open = [...kept.map(({ node }) => node), ...added]
      continue
    }
    const fewest = kept.reduce((best, each) => (each.options.length < best ? each.options.length : best), Infinity)
    const chosen = kept.find(({ options }) => options.length === fewest)
    const others = kept.filter((each) => each !== chosen).map(({ node }) => node)
    return { box, choice: chosen?.options ?? null, others }
  }
}

/** The ways in which the node can hold within the box; null where it holds in all of it. */
function optionsOf(node: Node, box: Box, work: Work): readonly Option[] | null {
  if (node.kind === 'all') return [[box, node.of]]
  const options: Option[] = []
  for (const part of node.kind === 'any' ? node.of : [node]) {
    if (part.kind !== 'boxes') {
      options.push([box, part.kind === 'all' ? part.of : [part]])
      continue
    }
    for (const each of part.boxes) {
      work.meetings += 1
      work.space.budget.meetings -= 1
      const both = meetBoxes(box, each)
      if (both === box) return null
      if (both !== null) options.push([both, []])
    }
  }
  return options
}

/** The first box itself where the second leaves all of it; null where they have nothing in common. */
function meetBoxes(box: Box, other: Box): Box | null {
  let both: Map<string, Domain> | null = null
  for (const [key, domain] of other) {
    const own = box.get(key)
    const common = own === undefined ? domain : meet(own, domain)
    if (common === null) return null
    if (common === own) continue
    both ??= new Map(box)
    both.set(key, common)
  }
  return both ?? box
}
