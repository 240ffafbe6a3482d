// The three inputs of `policy evaluate`: a policy, a request and the state of the world, each as people write them.

import { bad, good, type Result } from '../../kernel/problem.ts'
import { isPhase, PROGRESS } from '../../domain/policy/asked.ts'
import type { AnyRequest, World } from '../../domain/policy/evaluation.ts'
import type { Fact } from '../../domain/policy/facts.ts'
import type { DutyProgress } from '../../domain/policy/duties.ts'
import { ANY_ACTION } from '../../protocol/odrl/actions.ts'
import { graphOf, idOf, type Graph, type GraphNode } from '../../protocol/odrl/graph.ts'
import { literalOf, policyIn, type Surroundings } from '../../protocol/odrl/read-any.ts'

type Members = Readonly<Record<string, unknown>>

/** A plain object (`action`, `target`, `assignee` …), or an ODRL Request, of which the first permission is what is asked. */
export function readRequest(raw: unknown): Result<AnyRequest> {
  const graph = graphOf(raw)
  if (!isMembers(raw) || graph === null) return bad('request.malformed', 'expected a request as an object', 'request')
  const policy = policyIn(raw, graph)
  const [rule] = policy === null ? [] : ['permission', 'prohibition'].flatMap((kind) => graph.values(policy, kind))
  const node = rule === undefined ? raw : (graph.node(rule) ?? raw)
  const text = (name: string): string | null => textIn(graph, node, name)
  const phase = raw.phase ?? 'start'
  if (!isPhase(phase)) return bad('request.malformed', `no such phase: ${JSON.stringify(phase)}`, 'request.phase')
  const refinements = factsOf(raw.refinements, 'request.refinements')
  if (!refinements.ok) return refinements
  return good({
    uid: idOf(policy ?? raw),
    action: text('action') ?? ANY_ACTION,
    target: text('target'),
    assigner: text('assigner'),
    assignee: text('assignee'),
    phase,
    refinements: refinements.value,
  })
}

const WORLD_KEYS = [
  ...['now', 'agreedAt', 'memberships', 'duties', 'infringed', 'counters', 'uses', 'facts', 'policies', 'references'],
]

/** Refuses unknown keys: a fact under a misspelt name would be one that nobody has. */
export function readWorld(raw: unknown): Result<World & Surroundings> {
  if (!isMembers(raw)) return bad('request.malformed', 'expected the state of the world as an object', 'facts')
  const unknown = Object.keys(raw).find((key) => !WORLD_KEYS.includes(key) && !key.startsWith('@'))
  if (unknown !== undefined)
    return bad('request.malformed', `unknown key ${unknown}; known are ${WORLD_KEYS.join(', ')}`, `facts.${unknown}`)
  const known = factsOf(raw.facts, 'facts.facts')
  if (!known.ok) return known
  const memberships = listsOf(raw.memberships)
  const duties = progressOf(raw.duties)
  if (memberships === null) return bad('request.malformed', 'expected lists of names by name', 'facts.memberships')
  if (duties === null) return bad('request.malformed', `expected one of ${PROGRESS.join(', ')} by uid`, 'facts.duties')
  const counters = isMembers(raw.counters) ? raw.counters : {}
  const used = counters.count
  return good({
    now: momentOf(raw.now),
    agreedAt: momentOf(raw.agreedAt),
    memberships,
    duties,
    infringed: textsOf(raw.infringed) ?? [],
    used: typeof used === 'number' ? used : null,
    uses: raw.uses === undefined ? null : (textsOf(raw.uses) ?? []),
    facts: known.value,
    policies: Array.isArray(raw.policies) ? (raw.policies as unknown[]) : [],
    references: isMembers(raw.references) ? raw.references : {},
  })
}

function textIn(graph: Graph, node: GraphNode, name: string): string | null {
  const [value] = graph.values(node, name)
  if (value === undefined) return null
  const found = typeof value === 'string' ? value : idOf(graph.node(value) ?? {})
  return found ?? literalOf(value).text
}

function factsOf(raw: unknown, path: string): Result<Readonly<Record<string, Fact>>> {
  if (raw === undefined) return good({})
  if (!isMembers(raw)) return bad('request.malformed', 'expected values by left operand', path)
  return good(
    Object.fromEntries(
      Object.entries(raw).map(([name, value]) => [
        name,
        Array.isArray(value) ? (value as unknown[]).map((each) => literalOf(each).text) : literalOf(value).text,
      ]),
    ),
  )
}

function listsOf(raw: unknown): Readonly<Record<string, readonly string[]>> | null {
  if (raw === undefined) return {}
  if (!isMembers(raw)) return null
  const lists = Object.entries(raw).map(([name, value]) => [name, textsOf(value)] as const)
  return lists.every(([, list]) => list !== null)
    ? (Object.fromEntries(lists) as Record<string, readonly string[]>)
    : null
}

function progressOf(raw: unknown): Readonly<Record<string, DutyProgress>> | null {
  if (raw === undefined) return {}
  if (!isMembers(raw)) return null
  const entries = Object.entries(raw).map(
    ([uid, value]) => [uid, PROGRESS.find((each) => each === String(value).toLowerCase())] as const,
  )
  return entries.every(([, value]) => value !== undefined)
    ? (Object.fromEntries(entries) as Record<string, DutyProgress>)
    : null
}

function momentOf(raw: unknown): string | null {
  return raw === undefined || raw === null ? null : literalOf(raw).text
}

function textsOf(raw: unknown): readonly string[] | null {
  const list = typeof raw === 'string' ? [raw] : raw
  return Array.isArray(list) && list.every((each) => typeof each === 'string') ? list : raw === undefined ? [] : null
}

function isMembers(raw: unknown): raw is Members {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}
