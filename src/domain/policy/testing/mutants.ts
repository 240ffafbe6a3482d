// Small mistakes in a policy, each alone: cases that are worth something notice every one of them.

import type {
  CompiledConstraint,
  CompiledConstraints,
  CompiledDuty,
  CompiledPermission,
  CompiledPolicy,
  CompiledProhibition,
  CompiledRule,
} from '../compiled.ts'
import { constraintMutants } from './constraint-mutants.ts'
import { allPass } from './run-case.ts'
import type { Case, Subject } from './subject.ts'

export interface Mutant {
  readonly path: string
  readonly change: string
  readonly subject: Subject
}

/** The subject with something else in one place. */
type Put<T> = (value: T) => Subject

/** The same thing with values of its own, such as a template put to use, and the cases about it. */
export interface Variant {
  readonly subject: Subject
  readonly cases: readonly Case[]
}

/**
 * Those that no case of any variant notices: a mistake in a template is one in all that is made from it. Of cases that fail without
 * any mistake nothing can be said.
 */
export function survivorsOf(variants: readonly Variant[]): {
  readonly tried: number
  readonly survivors: readonly Mutant[]
} {
  const tried = new Map<string, Mutant>()
  const noticed = new Set<string>()
  for (const { subject, cases } of variants) {
    for (const mutant of mutantsOf(subject)) {
      const key = `${mutant.path} ${mutant.change}`
      tried.set(key, mutant)
      if (!noticed.has(key) && !allPass(mutant.subject, cases)) noticed.add(key)
    }
  }
  const survivors = [...tried].flatMap(([key, mutant]) => (noticed.has(key) ? [] : [mutant]))
  return { tried: tried.size, survivors }
}

/** Places keep their names, also where something before them was taken away. */
function mutantsOf(subject: Subject): readonly Mutant[] {
  const { gate, policy } = subject
  const { permissions, prohibitions, obligations } = policy
  const put = (part: Partial<CompiledPolicy>): Subject => ({ ...subject, policy: { ...policy, ...part } })
  return [
    ...inConstraints(gate, (other) => ({ ...subject, gate: other })),
    ...permissions.flatMap((rule, index) =>
      inPermission(rule, {
        put: (other) => put({ permissions: permissions.with(index, other) }),
        swap: (other) => put({ permissions: permissions.toSpliced(index, 1), prohibitions: [...prohibitions, other] }),
      }),
    ),
    ...prohibitions.flatMap((rule, index) =>
      inProhibition(rule, {
        put: (other) => put({ prohibitions: prohibitions.with(index, other) }),
        drop: () => put({ prohibitions: prohibitions.toSpliced(index, 1) }),
        swap: (other) => put({ prohibitions: prohibitions.toSpliced(index, 1), permissions: [...permissions, other] }),
      }),
    ),
    ...inDuties(obligations, (other) => put({ obligations: other }), 'the obligation was removed'),
  ]
}

function inPermission(
  rule: CompiledPermission,
  { put, swap }: { readonly put: Put<CompiledPermission>; readonly swap: Put<CompiledProhibition> },
): readonly Mutant[] {
  const { duties, ...common } = rule
  return [
    {
      path: rule.path,
      change: 'the permission became a prohibition',
      subject: swap({ ...common, remedies: [] }),
    },
    ...inRule(rule, put),
    ...inDuties(duties, (other) => put({ ...rule, duties: other }), 'the duty was removed'),
  ]
}

function inProhibition(
  rule: CompiledProhibition,
  of: { readonly put: Put<CompiledProhibition>; readonly drop: () => Subject; readonly swap: Put<CompiledPermission> },
): readonly Mutant[] {
  const { path, remedies: _none, ...common } = rule
  return [
    { path, change: 'the prohibition became a permission', subject: of.swap({ ...common, path, duties: [] }) },
    { path, change: 'the prohibition was removed', subject: of.drop() },
    ...inRule(rule, of.put),
  ]
}

function inRule<R extends CompiledRule>(rule: R, put: Put<R>): readonly Mutant[] {
  return [
    ...inConstraints(rule.refinement, (refinement) => put({ ...rule, refinement })),
    ...inConstraints(rule.constraints, (constraints) => put({ ...rule, constraints })),
  ]
}

function inDuties(
  duties: readonly CompiledDuty[],
  put: Put<readonly CompiledDuty[]>,
  removed: string,
): readonly Mutant[] {
  return duties.flatMap((duty, index) => [
    { path: duty.path, change: removed, subject: put(duties.toSpliced(index, 1)) },
    ...inConstraints(duty.constraints, (constraints) => put(duties.with(index, { ...duty, constraints }))),
  ])
}

function inConstraints(list: CompiledConstraints, put: Put<CompiledConstraints>, isPart = false): readonly Mutant[] {
  return list.flatMap((constraint: CompiledConstraint, index) => {
    const { path } = constraint
    const changed = constraintMutants(constraint).map(({ change, value }) => ({
      path,
      change,
      subject: put(list.with(index, value)),
    }))
    // A logical constraint of nothing would be another kind of mistake.
    const canDrop = !isPart || list.length > 1
    const dropped = { path, change: 'the constraint was dropped', subject: put(list.toSpliced(index, 1)) }
    const inside =
      constraint.kind === 'logical'
        ? inConstraints(constraint.of, (of) => put(list.with(index, { ...constraint, of })), true)
        : []
    return [...changed, ...(canDrop ? [dropped] : []), ...inside]
  })
}
