// Rules with several actions, assets or parties into atomic ones, each with one of them (ODRL IM 2.2, 2.7.1), and what all rules of
// a policy share into each of them (2.7.2).

import { constraintsOf, fail, some, type Reading } from './any-constraints.ts'
import { ANY_ACTION } from './actions.ts'
import { distinct, idIn, isObject, valuesOf, type GraphNode } from './graph.ts'
import { item, member } from './path.ts'
import type { Constraint, Duty, Rule, Scope, Scopes } from './types.ts'
import { shortTerm } from './vocabulary.ts'

/** What is said of all rules of a policy at once. */
export type Shared = Readonly<Record<SharedKey, readonly unknown[]>>
export type SharedKey = 'action' | 'target' | 'assigner' | 'assignee'

const NOTHING_SHARED: Shared = { action: [], target: [], assigner: [], assignee: [] }

export interface Atomising extends Reading {
  /** Where each rule and duty stood that an atomic one came of. */
  readonly written: Map<object, string>
  /** What a thing belongs to. */
  readonly belongs: (thing: string, whole: string) => void
  count: number
}

const ATOMIC_MAX = 10_000

/** One rule for each combination of action, asset and parties; one that names none of a kind is about any. */
export function atomicRules(raw: unknown, shared: Shared, path: string, atomising: Atomising): readonly Rule[] {
  const node = atomising.graph.node(raw) ?? fail('expected a rule', path)
  // IM 2.7.2: what is shared is replicated in the rule, also beside what the rule says itself.
  const of = (key: SharedKey): readonly unknown[] => distinct([...valuesOf(node, key), ...shared[key]])
  const [actions, targets, assigners, assignees] = [of('action'), of('target'), of('assigner'), of('assignee')]
  const size = [actions, targets, assigners, assignees].reduce(
    (product, { length }) => product * Math.max(1, length),
    1,
  )
  atomising.count += size
  if (atomising.count > ATOMIC_MAX) fail(`expected at most ${String(ATOMIC_MAX)} atomic rules`, path)

  const base = baseOf(node, path, atomising)
  const scopes = each('target', targets, path, atomising).flatMap((target) =>
    each('assigner', assigners, path, atomising).flatMap((assigner) =>
      each('assignee', assignees, path, atomising).map((assignee) => ({ ...target, ...assigner, ...assignee })),
    ),
  )
  const named = actions.map((action) => actionOf(action, path, atomising))
  // Of a policy file in the house form, beside the action.
  const refinement = constraintsOf(node, 'refinement', member(path, 'refinement'), atomising)
  const rules = (named.length === 0 ? [{ action: ANY_ACTION }] : named).flatMap((action) =>
    scopes.map((scope): Rule => ({
      ...base,
      ...action,
      ...some('refinement', [...refinement, ...(action.refinement ?? [])]),
      ...(Object.keys(scope).length > 0 && { scopes: scope }),
    })),
  )
  for (const rule of rules) atomising.written.set(rule, path)
  return rules
}

function baseOf(node: GraphNode, path: string, atomising: Atomising): Omit<Rule, 'action'> {
  const duties = (name: string): readonly Duty[] =>
    valuesOf(node, name).flatMap((each, index) =>
      atomicRules(each, NOTHING_SHARED, item(member(path, name), index), atomising),
    )
  return {
    ...(node.id !== null && { '@id': node.id }),
    ...some('constraint', [
      ...constraintsOf(node, 'constraint', member(path, 'constraint'), atomising),
      ...within(node),
    ]),
    ...some('duty', duties('duty')),
    ...some('remedy', duties('remedy')),
    ...some('consequence', duties('consequence')),
  }
}

/** `within: P7D`, the short form of policy files for a deadline. */
function within(node: GraphNode): readonly Constraint[] {
  return valuesOf(node, 'within').map((value) => ({
    leftOperand: 'elapsedTime',
    operator: 'lteq',
    rightOperand: idIn(value),
  }))
}

const VALUES = ['rdf:value', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#value', 'value']

function actionOf(raw: unknown, path: string, atomising: Atomising): Pick<Rule, 'action' | 'refinement'> {
  const node = isObject(raw) ? atomising.graph.node(raw) : null
  const [value = raw, another] = VALUES.flatMap((key) => valuesOf(node, key))
  const at = member(path, 'action')
  if (another !== undefined) fail('expected one action, came several', at)
  const name = idIn(value)
  if (name === '') fail('expected an action', at)
  return {
    action: shortTerm(name),
    ...some('refinement', constraintsOf(node, 'refinement', member(at, 'refinement'), atomising)),
  }
}

function each(key: keyof Scopes, list: readonly unknown[], path: string, atomising: Atomising): readonly Scopes[] {
  return list.length === 0 ? [{}] : list.map((raw) => ({ [key]: scopeOf(raw, member(path, key), atomising) }))
}

function scopeOf(raw: unknown, path: string, atomising: Atomising): Scope {
  const node = atomising.graph.node(raw)
  const id = node?.id ?? (node === null ? idIn(raw) : '')
  const [source, another] = valuesOf(node, 'source').map(idIn)
  if (another !== undefined) fail('expected one source, came several', member(path, 'source'))
  // Who belongs to the source of a collection belongs to the collection.
  if (source !== undefined && id !== '' && source !== id) atomising.belongs(source, id)
  const refinement = constraintsOf(node, 'refinement', member(path, 'refinement'), atomising)
  const isCollection =
    source !== undefined ||
    refinement.length > 0 ||
    valuesOf(node, '@type').some((type) => /Collection$/.test(idIn(type)))
  const name = id !== '' ? id : (source ?? fail('expected the id of an asset or a party', path))
  return { id: name, isCollection, ...some('refinement', refinement) }
}
