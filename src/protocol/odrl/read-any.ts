// Any ODRL 2.2 policy, not only what DSP carries: into atomic rules, each with assets and parties of its own.

import { bad, good, ProblemError, type Result } from '../../kernel/problem.ts'
import { fail } from './any-constraints.ts'
import { atomicRules, type Atomising, type Shared, type SharedKey } from './atomise.ts'
import { distinct, graphOf, idIn, isObject, valuesOf, type Graph, type GraphNode } from './graph.ts'
import { familyOf } from './inherit.ts'
import { item, member } from './path.ts'
import type { Conflict, Duty, Rule, Rules } from './types.ts'
import { odrlLocalName } from './vocabulary.ts'

export interface AnyPolicy {
  readonly uid: string | null
  readonly rules: Rules
  /** Where each atomic rule and duty stands in the policy as it was written: several come of a rule on several assets. */
  readonly written: ReadonlyMap<string, string>
  /** What belongs to what by `partOf` in the document, and collections by their sources. */
  readonly memberships: Readonly<Record<string, readonly string[]>>
  /** It says that another policy has taken its place. */
  readonly isReplaced: boolean
}

export interface Surroundings {
  /** Policies that this one may inherit from. */
  readonly policies: readonly unknown[]
  /** What stands behind a `rightOperandReference`. */
  readonly references: Readonly<Record<string, unknown>>
}

const KINDS = ['permission', 'prohibition', 'obligation'] as const
const CONFLICTS: readonly string[] = ['perm', 'prohibit', 'invalid'] satisfies Conflict[]

/**
 * Reads JSON-LD in ODRL's own context, with prefixes, with full IRIs, expanded or flattened, and the house form of policy files.
 * Rules may leave out action, asset and parties: then they are about any. Refuses (`policy.invalid`) what is no policy, several
 * policies of which none inherits from the others, and circles of inheritance.
 */
export function readAnyPolicy(raw: unknown, { policies, references }: Surroundings): Result<AnyPolicy> {
  const graph = graphOf([raw, ...policies])
  if (graph === null) return bad('policy.invalid', 'this document is larger or deeper than any policy')
  try {
    return good(readPolicy(policyIn(raw, graph), graph, references))
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.problem }
    throw error
  }
}

/** The node with rules: the document itself, or the one in it that no other inherits from. */
function policyIn(raw: unknown, graph: Graph): GraphNode {
  if (isObject(raw) && 'template' in raw)
    fail('a policy that is made from a template is evaluated once it is made (policy new)', 'template')
  const self = graph.node(raw)
  if (self !== null && isPolicy(self)) return self
  const parents = new Set(graph.own.flatMap((node) => valuesOf(node, 'inheritFrom').map(idIn)))
  const [policy, another] = graph.own.filter((node) => isPolicy(node) && !parents.has(node.id ?? ''))
  if (policy === undefined) return fail('no policy with a permission, a prohibition or an obligation is here', '')
  if (another !== undefined) fail(`expected one policy, came ${String(policy.id)} and ${String(another.id)}`, '')
  return policy
}

function isPolicy(node: GraphNode): boolean {
  return [...KINDS, 'inheritFrom'].some((key) => valuesOf(node, key).length > 0)
}

function readPolicy(policy: GraphNode, graph: Graph, references: Surroundings['references']): AnyPolicy {
  const memberships = membershipsIn(graph)
  const belongs = (thing: string, whole: string): void => {
    memberships.set(thing, [...new Set([...(memberships.get(thing) ?? []), whole])])
  }
  const atomising: Atomising = { graph, references, belongs, written: new Map(), count: 0 }
  const family = familyOf(policy, graph)
  const shared = sharedBy(family, graph)
  const rulesOf = (kind: (typeof KINDS)[number]): readonly Rule[] =>
    family.flatMap((each, generation) => {
      const at = generation === 0 ? kind : `inherited[${String(generation)}].${kind}`
      return valuesOf(each, kind).flatMap((raw, index) => atomicRules(raw, shared, item(at, index), atomising))
    })
  const [permission, prohibition, obligation] = [rulesOf('permission'), rulesOf('prohibition'), rulesOf('obligation')]
  const profile = family.flatMap((each) => valuesOf(each, 'profile').map(idIn))
  return {
    uid: policy.id,
    rules: {
      ...(profile.length > 0 && { profile: [...new Set(profile)] }),
      conflict: conflictOf(family),
      ...{ permission, prohibition, obligation },
    },
    written: placesOf({ permission, prohibition, obligation }, atomising.written),
    memberships: Object.fromEntries(memberships),
    isReplaced: family.some(({ members }) => [...members.keys()].some((key) => /(?:^|[/:#])isReplacedBy$/.test(key))),
  }
}

/** The relations by which an asset or a party names a policy, instead of being named by it. */
// prettier-ignore
const INVERSE: Readonly<Record<Exclude<SharedKey, 'action'>, string>> = { target: 'hasPolicy', assigner: 'assignerOf', assignee: 'assigneeOf' }

/** IM 2.9: what the rules of a parent share is replicated in the child, and so shared by all rules of both. */
function sharedBy(family: readonly GraphNode[], { nodes }: Graph): Shared {
  const ids = new Set(family.flatMap(({ id }) => id ?? []))
  const own = (key: SharedKey): readonly unknown[] => family.flatMap((each) => valuesOf(each, key))
  const naming = (key: keyof typeof INVERSE): readonly unknown[] =>
    nodes.flatMap(({ id, members }) =>
      id !== null && (members.get(INVERSE[key]) ?? []).some((value) => ids.has(idIn(value))) ? id : [],
    )
  const all = (key: keyof typeof INVERSE): readonly unknown[] => distinct([...own(key), ...naming(key)])
  return {
    action: distinct(own('action')),
    target: all('target'),
    assigner: all('assigner'),
    assignee: all('assignee'),
  }
}

/** Several strategies leave no way to settle a conflict (IM 2.10). */
function conflictOf(family: readonly GraphNode[]): Conflict {
  const named = family.flatMap((each) => valuesOf(each, 'conflict').map(idIn))
  const strategies = named.map((name) => {
    const short = odrlLocalName(name) ?? name
    const known = CONFLICTS.find((each) => each === short)
    return (known ?? fail(`expected ${CONFLICTS.join(', ')}, came ${name}`, 'conflict')) as Conflict
  })
  const [strategy = 'invalid', another] = new Set(strategies)
  return another === undefined ? strategy : 'invalid'
}

function membershipsIn({ nodes }: Graph): Map<string, readonly string[]> {
  return new Map(
    nodes.flatMap((node) => {
      const wholes = valuesOf(node, 'partOf').map(idIn)
      return node.id === null || wholes.length === 0 ? [] : [[node.id, wholes] as const]
    }),
  )
}

const DUTIES = ['duty', 'remedy', 'consequence'] as const

/** By the places that the atomic rules and duties have now. */
function placesOf(rules: Rules, written: ReadonlyMap<object, string>): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  const visit = (list: readonly Duty[], path: string): void => {
    for (const [index, rule] of list.entries()) {
      const at = item(path, index)
      places.set(at, written.get(rule) ?? at)
      for (const kind of DUTIES) visit((rule as Rule)[kind] ?? [], member(at, kind))
    }
  }
  for (const kind of KINDS) visit(rules[kind] ?? [], kind)
  return places
}
