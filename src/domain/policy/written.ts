// A compiled policy as it was written: for what is said of policies of which only the compiled form is kept.

import type { Constraint, Duty, Rule, Rules, Scope } from '../../protocol/odrl/types.ts'
import {
  SCOPE_KEYS,
  type CompiledConstraint,
  type CompiledConstraints,
  type CompiledDuty,
  type CompiledPolicy,
  type CompiledRule,
  type CompiledScope,
} from './compiled.ts'

/** Without what compiling drops: the functions of parties, data types, and deprecated names of actions. */
export function writtenRules({ conflict, permissions, prohibitions, obligations }: CompiledPolicy): Rules {
  return {
    ...(conflict !== 'invalid' && { conflict }),
    ...list('permission', permissions, (rule): Rule => ({ ...ruleOf(rule), ...list('duty', rule.duties, dutyOf) })),
    ...list('prohibition', prohibitions, (rule): Rule => ({
      ...ruleOf(rule),
      ...list('remedy', rule.remedies, dutyOf),
    })),
    ...list('obligation', obligations, dutyOf),
  }
}

export function writtenConstraint(constraint: CompiledConstraint): Constraint {
  const id = constraint.id !== null && { '@id': constraint.id }
  if (constraint.kind === 'logical') return { ...id, [constraint.operator]: constraint.of.map(writtenConstraint) }
  const { left, operator, written } = constraint
  const unit = constraint.kind === 'ordered' && constraint.unit !== null ? { unit: constraint.unit } : {}
  return { ...id, leftOperand: left, operator, rightOperand: written, ...unit }
}

function ruleOf({ id, action, refinement, scopes, constraints }: CompiledRule): Rule {
  const scoped = SCOPE_KEYS.flatMap((key) => {
    const scope = scopes?.[key]
    return scope === undefined ? [] : [[key, scopeOf(scope)] as const]
  })
  return {
    ...(id !== null && { '@id': id }),
    action,
    ...constraintList('refinement', refinement),
    ...constraintList('constraint', constraints),
    ...(scoped.length > 0 && { scopes: Object.fromEntries(scoped) }),
  }
}

function dutyOf(duty: CompiledDuty): Duty {
  return { ...ruleOf(duty), ...list('consequence', duty.consequences, dutyOf) }
}

function scopeOf({ id, isCollection, refinement }: CompiledScope): Scope {
  return { id, isCollection, ...constraintList('refinement', refinement) }
}

function constraintList<K extends string>(
  key: K,
  constraints: CompiledConstraints,
): { readonly [P in K]?: readonly Constraint[] } {
  return list(key, constraints, writtenConstraint)
}

function list<K extends string, T, U>(
  key: K,
  values: readonly T[],
  each: (value: T) => U,
): { readonly [P in K]?: readonly U[] } {
  if (values.length === 0) return {}
  const mapped: readonly U[] = values.map(each)
  return { [key]: mapped } as { readonly [P in K]: readonly U[] }
}
