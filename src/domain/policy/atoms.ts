// The atomic constraints of policies, however deep they stand, by their places.

import type {
  CompiledAtomic,
  CompiledConstraint,
  CompiledConstraints,
  CompiledPolicy,
  CompiledRule,
} from './compiled.ts'

export type AtomsByPath = ReadonlyMap<string, CompiledAtomic>

export function atomsIn(constraints: CompiledConstraints): readonly CompiledAtomic[] {
  return constraints.flatMap((constraint: CompiledConstraint) =>
    constraint.kind === 'logical' ? atomsIn(constraint.of) : [constraint],
  )
}

/** Of permissions, prohibitions, obligations, and the duties, remedies and consequences of each. */
export function atomsOfPolicy({ permissions, prohibitions, obligations }: CompiledPolicy): readonly CompiledAtomic[] {
  const duties = [
    ...permissions.flatMap((rule) => rule.duties),
    ...prohibitions.flatMap((rule) => rule.remedies),
    ...obligations,
  ]
  const rules = [...permissions, ...prohibitions, ...duties, ...duties.flatMap(({ consequences }) => consequences)]
  return rules.flatMap(({ refinement, scopes, constraints }: CompiledRule) =>
    atomsIn([...refinement, ...Object.values(scopes ?? {}).flatMap((scope) => scope.refinement), ...constraints]),
  )
}

export function byPath(atoms: readonly CompiledAtomic[]): AtomsByPath {
  return new Map(atoms.map((atom) => [atom.path, atom]))
}
