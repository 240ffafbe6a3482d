// What `policy evaluate` is given beside the policy, a request and the state of the world: each as people write them.

import { nearest } from '../../kernel/nearest.ts'
import { bad, good, problem, ProblemError, type Result } from '../../kernel/problem.ts'
import { isPhase, PROGRESS } from '../../domain/policy/asked.ts'
import type { AnyRequest, Counters, World } from '../../domain/policy/evaluation.ts'
import type { Fact } from '../../domain/policy/facts.ts'
import type { DutyProgress } from '../../domain/policy/duties.ts'
import { ANY_ACTION } from '../../protocol/odrl/actions.ts'
import { literalOf } from '../../protocol/odrl/any-constraints.ts'
import { graphOf, idIn, isObject, valuesOf, type Graph, type GraphNode } from '../../protocol/odrl/graph.ts'
import type { Surroundings } from '../../protocol/odrl/read-any.ts'

const REQUEST_KEYS = ['uid', 'action', 'target', 'assigner', 'assignee', 'at', 'phase', 'refinements']

/** A plain object (`action`, `target`, `assignee` …), or an ODRL Request, of which the first permission is what is asked. */
export function readRequest(raw: unknown): Result<AnyRequest> {
  const graph = graphOf([raw])
  if (graph === null || (!isObject(raw) && !Array.isArray(raw)))
    return bad('request.malformed', 'expected a request as an object', 'request')
  return settled(() => {
    const request = graph.own.find((node) => RULES.some((kind) => node.members.has(kind))) ?? null
    const self = isObject(raw) ? raw : {}
    if (request === null) checkKeys(self, REQUEST_KEYS, 'request')
    const node = request === null ? graph.node(raw) : ruleOf(request, graph)
    const text = (name: string): string | null => textIn(node, name) ?? textIn(request, name)
    const phase = self['phase'] ?? 'start'
    if (!isPhase(phase)) fail(`no such phase: ${JSON.stringify(phase)}`, 'request.phase')
    return {
      uid: (request ?? node)?.id ?? null,
      action: actionIn(node, graph) ?? text('action') ?? ANY_ACTION,
      target: text('target'),
      assigner: text('assigner'),
      assignee: text('assignee'),
      phase,
      at: momentOf(self['at'], 'request.at'),
      refinements: factsOf(self['refinements'], 'request.refinements'),
    }
  })
}

const RULES = ['permission', 'prohibition', 'obligation']

function ruleOf(request: GraphNode, graph: Graph): GraphNode {
  const [raw] = RULES.flatMap((kind) => valuesOf(request, kind))
  return graph.node(raw) ?? fail('expected a permission that says what is asked', 'request.permission')
}

function textIn(node: GraphNode | null, name: string): string | null {
  const [value, another] = valuesOf(node, name)
  if (another !== undefined) fail(`expected one ${name}, came several: a request is about one`, `request.${name}`)
  return value === undefined ? null : idIn(value) || null
}

/** An action that is written as a node has its name in `rdf:value`. */
function actionIn(node: GraphNode | null, graph: Graph): string | null {
  const [raw] = valuesOf(node, 'action')
  const action = isObject(raw) ? graph.node(raw) : null
  const [value] = ['rdf:value', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#value'].flatMap((key) =>
    valuesOf(action, key),
  )
  return value === undefined ? null : idIn(value) || null
}

// prettier-ignore
const FACTS_KEYS = [
  'now', 'agreedAt', 'participant', 'country', 'purpose', 'memberships', 'duties', 'infringed', 'counters', 'uses',
  'facts', 'policies', 'references',
]

/** Refuses unknown keys: a fact under a misspelt name would be one that nobody has. */
export function readWorld(raw: unknown, profiles: readonly string[] = []): Result<World & Surroundings> {
  if (!isObject(raw)) return bad('request.malformed', 'expected the state of the world as an object', 'facts')
  return settled(() => {
    checkKeys(raw, FACTS_KEYS, 'facts')
    const { counters, countersOf } = countersIn(raw['counters'])
    const { policies = [], references = {} } = raw
    if (!Array.isArray(policies)) fail('expected a list of policies', 'facts.policies')
    if (!isObject(references)) fail('expected values by their IRIs', 'facts.references')
    return {
      now: momentOf(raw['now'], 'facts.now'),
      agreedAt: momentOf(raw['agreedAt'], 'facts.agreedAt'),
      participant: factText(raw['participant'], 'facts.participant'),
      country: factText(raw['country'], 'facts.country'),
      purpose: factText(raw['purpose'], 'facts.purpose'),
      memberships: membershipsOf(raw['memberships']),
      duties: progressOf(raw['duties']),
      infringed: textsOf(raw['infringed'], 'facts.infringed'),
      counters,
      countersOf,
      uses: raw['uses'] === undefined ? null : textsOf(raw['uses'], 'facts.uses'),
      facts: factsOf(raw['facts'], 'facts.facts'),
      policies: policies as readonly unknown[],
      references,
      profiles,
    }
  })
}

function checkKeys(raw: object, known: readonly string[], path: string): void {
  const unknown = Object.keys(raw).find((key) => !known.includes(key) && !key.startsWith('@'))
  if (unknown === undefined) return
  const meant = nearest(unknown, known)
  const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`
  fail(`unknown key ${unknown}; ${hint}`, `${path}.${unknown}`)
}

/** By left operand. A null is a fact that is not known. */
function factsOf(raw: unknown, path: string): Readonly<Record<string, Fact>> {
  const facts: Record<string, Fact> = {}
  for (const [name, value] of entriesOf(raw, 'values by left operand', path)) {
    const all = [value].flat().flatMap((each) => factText(each, `${path}.${name}`) ?? [])
    const [only] = all
    if (only !== undefined) facts[name] = Array.isArray(value) ? all : only
  }
  return facts
}

function factText(raw: unknown, path: string): string | null {
  if (raw === undefined || raw === null) return null
  return literalOf(raw)?.text ?? fail('expected a value', path)
}

function momentOf(raw: unknown, path: string): string | null {
  return factText(raw, path)
}

function membershipsOf(raw: unknown): Readonly<Record<string, readonly string[]>> {
  const path = 'facts.memberships'
  const entries = entriesOf(raw, 'lists of names by name', path)
  return Object.fromEntries(entries.map(([name, value]) => [name, textsOf(value, `${path}.${name}`)]))
}

function progressOf(raw: unknown): Readonly<Record<string, DutyProgress>> {
  const path = 'facts.duties'
  const entries = entriesOf(raw, `one of ${PROGRESS.join(', ')} by uid`, path).map(([uid, value]) => {
    const progress = PROGRESS.find((each) => each === String(value).toLowerCase())
    return [uid, progress ?? fail(`expected one of ${PROGRESS.join(', ')}`, `${path}.${uid}`)] as const
  })
  return Object.fromEntries(entries)
}

/** `{count: 3}`, and `{<uid of a rule>: {count: 1}}` beside it. */
function countersIn(raw: unknown): Pick<World, 'counters' | 'countersOf'> {
  const path = 'facts.counters'
  const entries = entriesOf(raw, 'numbers, or numbers by the uids of rules', path)
  const numbers = (list: readonly (readonly [string, unknown])[], at: string): Counters =>
    Object.fromEntries(list.map(([name, n]) => [name, numberOf(n, `${at}.${name}`)]))
  return {
    counters: numbers(
      entries.filter(([, value]) => !isObject(value)),
      path,
    ),
    countersOf: Object.fromEntries(
      entries
        .filter(([, value]) => isObject(value))
        .map(([rule, value]) => [rule, numbers(Object.entries(value as object), `${path}.${rule}`)]),
    ),
  }
}

function numberOf(raw: unknown, path: string): number {
  return typeof raw === 'number' && Number.isFinite(raw) && raw >= 0 ? raw : fail('expected a number, 0 or more', path)
}

function textsOf(raw: unknown, path: string): readonly string[] {
  if (raw === undefined) return []
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
  return list.map((each) => (typeof each === 'string' ? each : fail('expected a text, or a list of them', path)))
}

function entriesOf(raw: unknown, what: string, path: string): readonly (readonly [string, unknown])[] {
  if (raw === undefined) return []
  return isObject(raw) ? Object.entries(raw) : fail(`expected ${what}`, path)
}

function fail(message: string, path: string): never {
  throw new ProblemError(problem('request.malformed', message, path))
}

function settled<T>(read: () => T): Result<T> {
  try {
    return good(read())
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.problem }
    throw error
  }
}
