// Any ODRL 2.2 policy, not only what DSP carries: into atomic rules (ODRL IM 2.2, 2.7.1), each with assets and parties of its own.

import { bad, good, ProblemError, problem, type Result } from '../../kernel/problem.ts'
import { ANY_ACTION } from './actions.ts'
import { graphOf, idOf, type Graph, type GraphNode } from './graph.ts'
import { item, member } from './path.ts'
import type { Conflict, Constraint, Duty, Rule, Rules, Scope, Scopes } from './types.ts'
import { LOGICAL_OPERATORS, odrlLocalName, shortTerm } from './vocabulary.ts'

export interface AnyPolicy {
  readonly uid: string | null
  readonly rules: Rules
  /** Where each atomic rule stands in the policy as it was written: several come of a rule on several assets. */
  readonly written: ReadonlyMap<string, string>
  /** What belongs to what by `partOf` in the document, and collections by their sources. */
  readonly memberships: Readonly<Record<string, readonly string[]>>
  /** It says that another policy has taken its place. */
  readonly isReplaced: boolean
}

export interface Surroundings {
  /** Policies that this one may inherit from, by uid. */
  readonly policies: readonly unknown[]
  /** What stands behind a `rightOperandReference`. */
  readonly references: Readonly<Record<string, unknown>>
}

const KINDS = ['permission', 'prohibition', 'obligation'] as const
const CONFLICTS: readonly string[] = ['perm', 'prohibit', 'invalid']
const RULES_MAX = 10_000
const INHERITED_MAX = 100

/**
 * Reads JSON-LD in ODRL's own context, with prefixes, with full IRIs, expanded or flattened. Rules may leave out action, asset
 * and parties: then they are about any. Refuses (`policy.invalid`) what is no policy, and cycles of inheritance.
 */
export function readAnyPolicy(raw: unknown, around: Surroundings): Result<AnyPolicy> {
  const graph = graphOf([raw, ...around.policies])
  if (graph === null) return bad('policy.invalid', 'this document is larger or deeper than any policy')
  const policy = policyIn(raw, graph)
  if (policy === null)
    return bad('policy.invalid', 'no policy with a permission, a prohibition or an obligation is here')
  try {
    return good(new Reader(graph, around).read(policy))
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.problem }
    throw error
  }
}

/** The node with rules: the document itself, or the first in it. */
export function policyIn(raw: unknown, graph: Graph): GraphNode | null {
  const hasRules = (node: GraphNode): boolean =>
    KINDS.some((kind) => graph.values(node, kind).length > 0) || graph.values(node, 'inheritFrom').length > 0
  const own = graph.node(raw)
  if (own !== null && hasRules(own)) return own
  const inside = graphOf(raw)?.nodes.find((node) => hasRules(node))
  return inside === undefined ? null : (graph.node(inside) ?? inside)
}

interface Shared {
  readonly action: readonly unknown[]
  readonly target: readonly unknown[]
  readonly assigner: readonly unknown[]
  readonly assignee: readonly unknown[]
}

class Reader {
  private readonly graph: Graph
  private readonly around: Surroundings
  private readonly memberships: Record<string, string[]> = {}
  private readonly written = new Map<string, string>()
  private count = 0

  constructor(graph: Graph, around: Surroundings) {
    this.graph = graph
    this.around = around
  }

  read(policy: GraphNode): AnyPolicy {
    for (const node of this.graph.nodes) {
      const id = idOf(node)
      for (const whole of this.graph.values(node, 'partOf')) if (id !== null) this.belongs(id, this.idIn(whole))
    }
    const family = this.familyOf(policy, [])
    const rules: Record<(typeof KINDS)[number], Rule[]> = { permission: [], prohibition: [], obligation: [] }
    for (const [generation, each] of family.entries()) {
      const shared = this.sharedOf(each)
      for (const kind of KINDS) {
        for (const [index, raw] of this.graph.values(each, kind).entries()) {
          const own = item(generation === 0 ? kind : `inherited[${String(generation)}].${kind}`, index)
          for (const rule of this.atomic(raw, shared, own)) {
            this.written.set(item(kind, rules[kind].length), own)
            rules[kind].push(rule)
          }
        }
      }
    }
    const strategies = new Set(family.flatMap((each) => this.conflictOf(each)))
    const [conflict, another] = strategies
    const profile = family.flatMap((each) => this.graph.values(each, 'profile').map((value) => this.idIn(value)))
    return {
      uid: idOf(policy),
      rules: {
        ...(profile.length > 0 && { profile: [...new Set(profile)] }),
        // Several strategies leave no way to settle a conflict.
        conflict: another === undefined ? (conflict ?? 'invalid') : 'invalid',
        ...rules,
      },
      written: this.written,
      memberships: this.memberships,
      isReplaced: Object.keys(policy).some((key) => /(?:^|[/:#])isReplacedBy$/.test(key)),
    }
  }

  /** The policy and all that it inherits from, nearest first. */
  private familyOf(policy: GraphNode, path: readonly string[]): readonly GraphNode[] {
    const parents = this.graph.values(policy, 'inheritFrom').map((value) => {
      const id = this.idIn(value)
      const parent = this.graph.node(value)
      if (path.includes(id) || path.length > INHERITED_MAX)
        fail(`the policy inherits from itself by ${id}`, 'inheritFrom')
      if (parent === null || Object.keys(parent).length < 2)
        fail(`the policy ${id} that it inherits from is not given`, 'inheritFrom')
      return { id, parent }
    })
    return [policy, ...parents.flatMap(({ id, parent }) => this.familyOf(parent, [...path, id]))]
  }

  private sharedOf(policy: GraphNode): Shared {
    const of = (name: string): readonly unknown[] => this.graph.values(policy, name)
    return { action: of('action'), target: of('target'), assigner: of('assigner'), assignee: of('assignee') }
  }

  private conflictOf(policy: GraphNode): readonly Conflict[] {
    return this.graph.values(policy, 'conflict').map((value) => {
      const name = this.idIn(value)
      const short = odrlLocalName(name) ?? name
      if (!CONFLICTS.includes(short)) fail(`expected ${CONFLICTS.join(', ')}, came ${name}`, 'conflict')
      return short as Conflict
    })
  }

  /** One rule for each combination of action, asset and parties. */
  private atomic(raw: unknown, shared: Shared, path: string): readonly Rule[] {
    const node = this.graph.node(raw)
    if (node === null) return fail('expected a rule', path)
    const of = (name: keyof Shared): readonly unknown[] => {
      const own = this.graph.values(node, name)
      return own.length > 0 ? own : shared[name]
    }
    const duties = (name: string): readonly Duty[] =>
      this.graph.values(node, name).flatMap((each, index) => this.atomic(each, NONE, item(member(path, name), index)))
    const id = idOf(node)
    const base = {
      ...(id !== null && { '@id': id }),
      ...some('constraint', this.constraints(node, 'constraint', member(path, 'constraint'))),
      ...some('duty', duties('duty')),
      ...some('remedy', duties('remedy')),
      ...some('consequence', duties('consequence')),
    }
    const actions = of('action').map((each) => this.actionOf(each, path))
    const scopes = this.scopesOf(of('target'), of('assigner'), of('assignee'), path)
    const rules = (actions.length === 0 ? [{ action: ANY_ACTION }] : actions).flatMap((action) =>
      scopes.map((scope) => ({ ...base, ...action, ...(Object.keys(scope).length > 0 && { scopes: scope }) })),
    )
    this.count += rules.length
    if (this.count > RULES_MAX) fail(`more than ${String(RULES_MAX)} atomic rules`, path)
    return rules
  }

  private actionOf(raw: unknown, path: string): Pick<Rule, 'action' | 'refinement'> {
    const node = this.graph.node(raw)
    const value = node === null ? [] : VALUE.flatMap((key) => (key in node ? [node[key]] : []))
    const name = this.idIn(Array.isArray(value[0]) ? (value[0] as unknown[])[0] : (value[0] ?? raw))
    const refinement = node === null ? [] : this.constraints(node, 'refinement', member(path, 'action.refinement'))
    return { action: shortTerm(name), ...some('refinement', refinement) }
  }

  private scopesOf(
    targets: readonly unknown[],
    assigners: readonly unknown[],
    assignees: readonly unknown[],
    path: string,
  ): readonly Scopes[] {
    const each = (key: keyof Scopes, list: readonly unknown[]): readonly Scopes[] =>
      list.length === 0 ? [{}] : list.map((raw) => ({ [key]: this.scopeOf(raw, member(path, key)) }))
    return each('target', targets).flatMap((target) =>
      each('assigner', assigners).flatMap((assigner) =>
        each('assignee', assignees).map((assignee) => ({ ...target, ...assigner, ...assignee })),
      ),
    )
  }

  private scopeOf(raw: unknown, path: string): Scope {
    const node = this.graph.node(raw)
    const id = node === null ? this.idIn(raw) : (idOf(node) ?? '')
    const [source] = node === null ? [] : this.graph.values(node, 'source').map((value) => this.idIn(value))
    // Who belongs to the source of a collection belongs to the collection.
    if (source !== undefined && id !== '' && source !== id) this.belongs(source, id)
    const refinement = node === null ? [] : this.constraints(node, 'refinement', member(path, 'refinement'))
    const types = node === null ? [] : this.graph.values(node, '@type').map((type) => shortTerm(String(type)))
    const isCollection =
      source !== undefined || refinement.length > 0 || types.some((type) => type.endsWith('Collection'))
    const name = id !== '' ? id : (source ?? fail('expected the id of an asset or a party', path))
    return { id: name, isCollection, ...some('refinement', refinement) }
  }

  private constraints(node: GraphNode, name: string, path: string): readonly Constraint[] {
    return this.graph.values(node, name).map((raw, index) => this.constraint(raw, item(path, index)))
  }

  private constraint(raw: unknown, path: string): Constraint {
    const node = this.graph.node(raw)
    if (node === null) return fail('expected a constraint', path)
    const id = idOf(node)
    const uid = id === null ? {} : { '@id': id }
    const logical = LOGICAL_OPERATORS.find((key) => this.graph.values(node, key).length > 0)
    if (logical !== undefined) return { ...uid, [logical]: this.constraints(node, logical, member(path, logical)) }

    const term = (key: string): string => {
      const [value] = this.graph.values(node, key)
      return value === undefined ? fail('is missing', member(path, key)) : shortTerm(this.idIn(value))
    }
    const values = this.rightOperands(node, member(path, 'rightOperand'))
    const [first] = values
    const dataType = first?.type ?? this.optional(node, 'dataType')
    const unit = this.optional(node, 'unit')
    return {
      ...uid,
      leftOperand: term('leftOperand'),
      operator: term('operator'),
      rightOperand: values.length === 1 && first !== undefined ? first.text : values.map(({ text }) => text),
      ...(dataType !== undefined && { dataType }),
      ...(unit !== undefined && { unit }),
    }
  }

  private optional(node: GraphNode, key: string): string | undefined {
    const [value] = this.graph.values(node, key)
    return value === undefined ? undefined : this.idIn(value)
  }

  private rightOperands(node: GraphNode, path: string): readonly Literal[] {
    const written = this.graph.values(node, 'rightOperand')
    if (written.length > 0) return written.map(literalOf)
    const references = this.graph.values(node, 'rightOperandReference').map((value) => this.idIn(value))
    if (references.length === 0) fail('is missing', path)
    return references.flatMap((iri) => {
      const value = this.around.references[iri]
      // What cannot be looked up is a fact that nobody has: the constraint is unknown.
      if (value === undefined) return [{ text: 'ctx:unresolved', type: undefined }]
      return (Array.isArray(value) ? (value as unknown[]) : [value]).map(literalOf)
    })
  }

  private idIn(value: unknown): string {
    if (typeof value === 'string') return value
    const node = this.graph.node(value)
    const text = node === null ? null : (idOf(node) ?? ('@value' in node ? String(node['@value']) : null))
    return text ?? String(value)
  }

  private belongs(thing: string, whole: string): void {
    const known = (this.memberships[thing] ??= [])
    if (!known.includes(whole)) known.push(whole)
  }
}

const NONE: Shared = { action: [], target: [], assigner: [], assignee: [] }
const VALUE = ['rdf:value', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#value', 'value']

interface Literal {
  readonly text: string
  readonly type: string | undefined
}

/** A typed value as text; a time without a zone is read in UTC, because nobody here is bound by it. */
export function literalOf(raw: unknown): Literal {
  const node = typeof raw === 'object' && raw !== null ? (raw as GraphNode) : null
  const value = node === null ? raw : (node['@value'] ?? idOf(node))
  const type = node === null ? undefined : node['@type']
  return { text: zoned(String(value)), type: typeof type === 'string' ? type : undefined }
}

function zoned(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00Z`
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(text) ? `${text}Z` : text
}

function some<K extends string, T>(key: K, list: readonly T[]): { readonly [P in K]?: readonly T[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { readonly [P in K]: readonly T[] })
}

function fail(message: string, path: string): never {
  throw new ProblemError(problem('policy.invalid', message, path))
}
