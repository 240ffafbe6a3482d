// What would have to be otherwise for a request to be permitted: the fewest facts, found by a search that asks the policies
// themselves about every change that it proposes (a hitting-set tree, breadth first, so that the smallest comes first).

import type {
  CompiledAtomic,
  CompiledConstraint,
  CompiledConstraints,
  CompiledPolicy,
  CompiledRule,
} from './compiled.ts'
import type { ConstraintReason, Decision, DutyReason } from './decision.ts'
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

/** Null where the request is permitted as it is. */
export function whyNot(question: LayeredQuestion): WhyNot | null {
  if (askLayers(question).layers.every(permits)) return null
  const atoms = atomsOf(question)
  const seen = new Set<string>()
  const repairs: Repair[] = []
  let isCut = false
  let questions = 0
  let level: readonly Repair[] = [[]]

  for (let size = 0; level.length > 0 && repairs.length === 0; size += 1) {
    if (size > WHY_NOT_LIMITS.changesMax) return { repairs, isCut: true }
    const next: Repair[] = []
    for (const changes of level) {
      if (questions >= WHY_NOT_LIMITS.questionsMax) return { repairs, isCut: true }
      questions += 1
      const changed = edited(question, editsOf(changes))
      const { layers } = askLayers(changed)
      const refusing = layers.find((layer) => !permits(layer))
      if (refusing === undefined) {
        if (repairs.length < WHY_NOT_LIMITS.repairsMax) repairs.push(changes)
        else isCut = true
        continue
      }
      const options = optionsAgainst(refusing, changed, atoms)
      isCut ||= options.isCut
      for (const change of options.list) {
        if (changes.some(({ axis }) => axis === change.axis)) continue
        const grown = [...changes, change]
        const key = keyOf(grown)
        if (seen.has(key)) continue
        seen.add(key)
        next.push(grown)
      }
    }
    level = next
  }
  return { repairs, isCut }
}

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

function optionsOf(decision: Decision, question: LayeredQuestion, atoms: Atoms): Options {
  const { reasons, cause } = decision
  const banning = reasons.find(({ kind, state }) => kind === 'prohibition' && state === 'active')
  if (banning !== undefined) {
    const conditions = [...(banning.matches ?? []).flatMap(({ refinement }) => refinement), ...banning.constraints]
    return together(conditions.map((reason) => branch(reason, false, question, atoms)))
  }
  const permissions = reasons.filter(({ kind }) => kind === 'permission')
  if (cause === 'no-permission') {
    const actions = [...new Set(permissions.map(({ action }) => action))]
    const list = actions.map((value): Change => {
      return { axis: 'action', value, isNamed: true, path: 'permission', about: { kind: 'action' } }
    })
    return { list, isCut: false }
  }
  const inactive = permissions.filter(({ state }) => state === 'inactive')
  return together(
    inactive.map(({ matches = [], constraints, duties }) => {
      const conditions = [...matches.flatMap(({ refinement }) => refinement), ...constraints]
      const failing = conditions.find(({ result }) => !grants(result))
      if (failing !== undefined) return branch(failing, true, question, atoms)
      const duty = duties.find(({ timing, state }) => timing !== 'after' && (state === 'owed' || state === 'violated'))
      return duty === undefined ? NONE : { list: [fulfilled(duty, atoms)], isCut: false }
    }),
  )
}

function fulfilled({ id, path, action, constraints }: DutyReason, { byPath }: Atoms): Change {
  const axis: Axis = `duty:${id ?? path}`
  const own = constraints.flatMap((each) => byPath.get(each.path) ?? [])
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
  readonly byPath: ReadonlyMap<string, CompiledAtomic>
  /** The same, with the paths of these. */
  readonly within: (constraints: CompiledConstraints) => Atoms
}

function atomsOf({ access, policy, regime }: LayeredQuestion): Atoms {
  const rules = [...constraintsIn(policy), ...regime.guardrails.flatMap((rail) => constraintsIn(rail.policy))]
  const parties = regime.guardrails.flatMap((rail) => rail.parties)
  const all = [...access, ...rules, ...parties].flatMap(atomsIn)
  const within = (constraints: CompiledConstraints): Atoms => {
    return { all, within, byPath: new Map(constraints.flatMap(atomsIn).map((atom) => [atom.path, atom])) }
  }
  return within([...access, ...rules])
}

function constraintsIn({ permissions, prohibitions, obligations }: CompiledPolicy): CompiledConstraints {
  const duties = [...permissions.flatMap((rule) => rule.duties), ...obligations]
  return [...permissions, ...prohibitions, ...duties].flatMap(({ refinement, scopes, constraints }: CompiledRule) => [
    ...refinement,
    ...Object.values(scopes ?? {}).flatMap((scope) => scope.refinement),
    ...constraints,
  ])
}

function atomsIn(constraint: CompiledConstraint): readonly CompiledAtomic[] {
  return constraint.kind === 'logical' ? constraint.of.flatMap(atomsIn) : [constraint]
}
