// How much of a policy its cases look at: every rule, duty and constraint should be seen both ways.

import type { CompiledConstraint, CompiledConstraints, CompiledDuty, CompiledRule } from '../compiled.ts'
import type { ConstraintReason, DutyReason } from '../decision.ts'
import type { Judged } from './judge.ts'
import type { Subject } from './subject.ts'

/** One thing that may be seen to hold and not to hold. */
export interface Aspect {
  readonly path: string
  readonly what: 'constraint' | 'permission' | 'prohibition' | 'duty'
  /** A constraint that is satisfied, a rule that is active, a duty that is owed. */
  readonly seenTrue: boolean
  /** A constraint that is not satisfied for certain, a rule that is not active, a duty that is not owed (any more). */
  readonly seenFalse: boolean
}

export interface Coverage {
  readonly aspects: readonly Aspect[]
  /** Of `total`, two for each aspect. */
  readonly covered: number
  readonly total: number
}

/**
 * Remedies and consequences are left out: a case cannot say that a prohibition was infringed. So are refinements of duties, which
 * no decision looks at.
 */
export function coverageOf(subject: Subject, judged: readonly Judged[]): Coverage {
  const seen = new Map<string, Set<boolean>>()
  for (const each of judged)
    for (const [path, isTrue] of sightings(each)) (seen.get(path) ?? fresh(seen, path)).add(isTrue)
  const aspects = aspectsOf(subject).map(({ path, what }) => {
    const both = seen.get(path)
    return { path, what, seenTrue: both?.has(true) === true, seenFalse: both?.has(false) === true }
  })
  const covered = aspects.reduce((sum, { seenTrue, seenFalse }) => sum + Number(seenTrue) + Number(seenFalse), 0)
  return { aspects, covered, total: 2 * aspects.length }
}

/** In hundredths, rounded down: 100 only if nothing is missing. */
export function percentOf(coverages: readonly Pick<Coverage, 'covered' | 'total'>[]): number {
  const total = coverages.reduce((sum, each) => sum + each.total, 0)
  const covered = coverages.reduce((sum, each) => sum + each.covered, 0)
  return total === 0 ? 100 : Math.floor((100 * covered) / total)
}

type Place = Pick<Aspect, 'path' | 'what'>

function aspectsOf({ gate, policy }: Subject): readonly Place[] {
  const { permissions, prohibitions, obligations } = policy
  return [
    ...constraintPlaces(gate),
    ...permissions.flatMap((rule) => [...rulePlaces(rule, 'permission'), ...rule.duties.flatMap(dutyPlaces)]),
    ...prohibitions.flatMap((rule) => rulePlaces(rule, 'prohibition')),
    ...obligations.flatMap(dutyPlaces),
  ]
}

function rulePlaces({ path, refinement, constraints }: CompiledRule, what: Aspect['what']): readonly Place[] {
  return [{ path, what }, ...constraintPlaces(refinement), ...constraintPlaces(constraints)]
}

function dutyPlaces({ path, constraints }: CompiledDuty): readonly Place[] {
  return [{ path, what: 'duty' }, ...constraintPlaces(constraints)]
}

function constraintPlaces(constraints: CompiledConstraints): readonly Place[] {
  return constraints.flatMap((each: CompiledConstraint) => [
    { path: each.path, what: 'constraint' } as const,
    ...(each.kind === 'logical' ? constraintPlaces(each.of) : []),
  ])
}

type Sighting = readonly [path: string, isTrue: boolean]

function sightings({ gate, decision, obligations }: Judged): readonly Sighting[] {
  const rules = decision?.reasons ?? []
  return [
    ...(gate?.reasons ?? []).flatMap(constraintSightings),
    ...rules.flatMap(({ path, state, constraints, duties, matches = [] }) => [
      [path, state === 'active'] as const,
      ...matches.flatMap(({ refinement }) => refinement).flatMap(constraintSightings),
      ...constraints.flatMap(constraintSightings),
      ...duties.flatMap(dutySightings),
    ]),
    ...obligations.flatMap(dutySightings),
  ]
}

/** What is promised, deferred or not known was seen neither way. */
function constraintSightings(reason: ConstraintReason): readonly Sighting[] {
  const { path, result } = reason
  const own: readonly Sighting[] =
    result === 'satisfied' ? [[path, true]] : result === 'unsatisfied' ? [[path, false]] : []
  return [...own, ...('of' in reason ? reason.of.flatMap(constraintSightings) : [])]
}

function dutySightings({ path, state, constraints }: DutyReason): readonly Sighting[] {
  const own: readonly Sighting[] = state === 'deferred' ? [] : [[path, state === 'owed' || state === 'violated']]
  return [...own, ...constraints.flatMap(constraintSightings)]
}

function fresh(seen: Map<string, Set<boolean>>, path: string): Set<boolean> {
  const set = new Set<boolean>()
  seen.set(path, set)
  return set
}
