// What would have to be otherwise for a request to be permitted: the fewest facts, found by a search that asks the policies
// themselves about every change that it proposes (a hitting-set tree, breadth first, so that the smallest comes first).

import { covers } from '../../protocol/odrl/actions.ts'
import { atomsIn, atomsOfPolicy, byPath, type AtomsByPath } from './atoms.ts'
import type { CompiledAtomic, CompiledConstraints } from './compiled.ts'
import type { ConstraintReason, Decision, DutyReason, RuleReason } from './decision.ts'
import { evaluateConstraints } from './evaluate.ts'
import { askLayers, permits, type Layer, type LayeredQuestion } from './layers.ts'
import { observe } from './observe.ts'
import { bans, grants } from './results.ts'
import { candidatesFor, edited, editedFacts, type Axis, type Candidate, type Edits } from './why-not-values.ts'

export const WHY_NOT_LIMITS = {
  /** Times that the policies are asked. */
  questionsMax: 3_000,
  /** Facts that are changed together. */
  changesMax: 6,
  /** Answers of the smallest size that are given. */
  repairsMax: 20,
} as const

/** One fact that is otherwise, and for the sake of which constraint or duty. */
export interface Change extends Candidate {
  readonly path: string
  readonly about:
    | { readonly kind: 'constraint'; readonly constraint: CompiledAtomic; readonly holds: boolean }
    | { readonly kind: 'duty'; readonly action: string; readonly constraints: readonly CompiledAtomic[] }
    | { readonly kind: 'action' }
}

/** Changes that permit together: the policies were asked with them applied. */
export type Repair = readonly Change[]

export interface WhyNot {
  /** All of the same, smallest size; empty where no change of facts that was tried would permit. */
  readonly repairs: readonly Repair[]
  /** The search came to its bound: there may be others, also smaller ones where none was found. */
  readonly isCut: boolean
}

interface Search {
  readonly question: LayeredQuestion
  readonly atoms: Atoms
  readonly seen: Set<string>
  questionsLeft: number
  isCut: boolean
}

/** Null where the request is permitted as it is. */
export function whyNot(question: LayeredQuestion): WhyNot | null {
  if (askLayers(question).layers.every(permits)) return null
  const { questionsMax, changesMax, repairsMax } = WHY_NOT_LIMITS
  const search = {
    question,
    atoms: atomsOf(question),
    seen: new Set<string>(),
    questionsLeft: questionsMax,
    isCut: false,
  }
  let level: readonly Repair[] = [[]]
  for (let size = 0; size <= changesMax; size += 1) {
    const { repairs, next } = askAll(level, search)
    if (repairs.length > 0 || next.length === 0)
      return { repairs: repairs.slice(0, repairsMax), isCut: search.isCut || repairs.length > repairsMax }
    level = next
  }
  return { repairs: [], isCut: true }
}

/** Asks about each of these changes; those that do not permit grow by one more. */
function askAll(
  level: readonly Repair[],
  search: Search,
): { readonly repairs: readonly Repair[]; readonly next: readonly Repair[] } {
  const repairs: Repair[] = []
  const next: Repair[] = []
  for (const changes of level) {
    if (search.questionsLeft === 0) {
      search.isCut = true
      // What would come after this size is not looked at any more.
      return { repairs, next: [] }
    }
    search.questionsLeft -= 1
    const changed = edited(search.question, editsOf(changes))
    const refusing = askLayers(changed).layers.find((layer) => !permits(layer))
    if (refusing === undefined) repairs.push(changes)
    // Once one of this size is found, larger ones are of no use.
    else if (repairs.length === 0) next.push(...grown(changes, optionsAgainst(refusing, changed, search.atoms), search))
  }
  return { repairs, next }
}

function grown(changes: Repair, { list, isCut }: Options, search: Search): readonly Repair[] {
  if (isCut) search.isCut = true
  return list.flatMap((change) => {
    if (changes.some(({ axis }) => axis === change.axis)) return []
    const more = [...changes, change]
    const key = keyOf(more)
    if (search.seen.has(key)) return []
    // More than can be asked about need not be kept.
    if (search.seen.size >= SEEN_MAX) {
      search.isCut = true
      return []
    }
    search.seen.add(key)
    return [more]
  })
}

const SEEN_MAX = 4 * WHY_NOT_LIMITS.questionsMax

function editsOf(changes: Repair): Edits {
  return new Map(changes.map(({ axis, value }) => [axis, value]))
}

function keyOf(changes: Repair): string {
  return JSON.stringify(changes.map(({ axis, value }) => [axis, value]).sort())
}

interface Options {
  readonly list: readonly Change[]
  readonly isCut: boolean
}

/** At least one of these changes has to be made, whatever else is: they are all ways past the first thing that is in the way. */
function optionsAgainst(layer: Layer, question: LayeredQuestion, atoms: Atoms): Options {
  if (layer.kind === 'access') {
    const failing = layer.decision.reasons.find(({ result }) => !grants(result))
    return failing === undefined ? NONE : branch(failing, true, question, atoms)
  }
  const own = optionsOf(layer.decision, question, atoms)
  if (layer.kind === 'contract') return own
  // A rule of the site is also out of the way where it is about others.
  const { reasons } = evaluateConstraints(layer.rail.parties, question.facts, question.phase)
  // Their paths are the same in every one of them.
  const parties = atoms.within(layer.rail.parties)
  return together([own, ...reasons.map((reason) => branch(reason, false, question, parties))])
}

const NONE: Options = { list: [], isCut: false }

function optionsOf({ reasons, action }: Decision, question: LayeredQuestion, atoms: Atoms): Options {
  const permissions = reasons.filter(({ kind }) => kind === 'permission')
  // Without a permission nothing permits, whatever becomes of the prohibitions.
  if (!permissions.some(({ state }) => state === 'active')) {
    const about = permissions.filter((rule) => covers(rule.action, action))
    return about.length === 0
      ? { list: permissions.map(otherAction), isCut: false }
      : together(about.map((rule) => activatingOptions(rule, question, atoms)))
  }
  const banning = reasons.find(({ kind, state }) => kind === 'prohibition' && state === 'active')
  return together(conditionsOf(banning).map((reason) => branch(reason, false, question, atoms)))
}

function activatingOptions(rule: RuleReason, question: LayeredQuestion, atoms: Atoms): Options {
  const failing = conditionsOf(rule).find(({ result }) => !grants(result))
  if (failing !== undefined) return branch(failing, true, question, atoms)
  const isOwed = ({ timing, state }: DutyReason): boolean =>
    timing !== 'after' && (state === 'owed' || state === 'violated')
  const duty = rule.duties.find(isOwed)
  return duty === undefined ? NONE : { list: [fulfilled(duty, atoms)], isCut: false }
}

function conditionsOf(rule: RuleReason | undefined): readonly ConstraintReason[] {
  return [...(rule?.matches ?? []).flatMap(({ refinement }) => refinement), ...(rule?.constraints ?? [])]
}

function otherAction({ action, path }: RuleReason): Change {
  return { axis: 'action', value: action, isNamed: true, path, about: { kind: 'action' } }
}

function fulfilled({ id, path, action, constraints }: DutyReason, atoms: Atoms): Change {
  const axis: Axis = `duty:${id ?? path}`
  const own = constraints.flatMap((each) => atoms.byPath.get(each.path) ?? [])
  return { axis, value: 'fulfilled', isNamed: true, path, about: { kind: 'duty', action, constraints: own } }
}

function together(options: readonly Options[]): Options {
  return { list: options.flatMap(({ list }) => list), isCut: options.some(({ isCut }) => isCut) }
}

/** Ways to make this hold, or to make it certainly not hold. */
function branch(reason: ConstraintReason, holds: boolean, question: LayeredQuestion, atoms: Atoms): Options {
  if (!('of' in reason)) return turn(reason.path, holds, question, atoms)
  const each = (parts: readonly ConstraintReason[], wanted: boolean): Options =>
    together(parts.map((part) => branch(part, wanted, question, atoms)))
  const { operator, of } = reason
  if (operator === 'xone') return together([each(of, true), each(of, false)])
  // One part is enough to make `or` hold and to break the others; else every part that is in the way has to turn.
  if ((operator === 'or') === holds) return each(of, holds)
  const first = of.find(({ result }) => (holds ? !grants(result) : bans(result)))
  return first === undefined ? NONE : branch(first, holds, question, atoms)
}

function turn(path: string, holds: boolean, { facts, phase }: LayeredQuestion, atoms: Atoms): Options {
  const constraint = atoms.byPath.get(path)
  if (constraint === undefined) return NONE
  const { list, isCut } = candidatesFor(constraint, atoms.all, facts)
  const turning = list.flatMap((candidate): readonly Change[] => {
    const { result } = observe(constraint, editedFacts(facts, candidate.axis, candidate.value), phase, false)
    const isTurned = holds ? grants(result) : !bans(result)
    return isTurned ? [{ ...candidate, path, about: { kind: 'constraint', constraint, holds } }] : []
  })
  return { list: turning, isCut }
}

interface Atoms {
  readonly all: readonly CompiledAtomic[]
  readonly byPath: AtomsByPath
  /** The same, with the paths of these. */
  readonly within: (constraints: CompiledConstraints) => Atoms
}

function atomsOf({ access, policy, regime }: LayeredQuestion): Atoms {
  const rules = [
    ...atomsIn(access),
    ...[policy, ...regime.guardrails.map((rail) => rail.policy)].flatMap(atomsOfPolicy),
  ]
  const all = [...rules, ...regime.guardrails.flatMap((rail) => atomsIn(rail.parties))]
  const within = (constraints: CompiledConstraints): Atoms => ({ all, within, byPath: byPath(atomsIn(constraints)) })
  return { all, within, byPath: byPath(rules) }
}
