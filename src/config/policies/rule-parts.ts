// The rules in one part of a policy file, or of a template put to use: collected, compiled, and looked over.

import { compileConstraintsFully, compilePolicyFully } from '../../domain/policy/compile.ts'
import type { CompiledConstraints, CompiledPolicy } from '../../domain/policy/compiled.ts'
import { collectConstraints, collectRules, type Collected } from '../../protocol/odrl/normalise.ts'
import { lostOnWire } from '../../protocol/odrl/to-wire.ts'
import type { Constraint, Rules } from '../../protocol/odrl/types.ts'
import type { Context } from './context.ts'
import { expandConstraints, expandRules, POLICY_KEYS, type Mapping } from './house-form.ts'
import { lintRules } from './lint-rules.ts'
import { namedRegions, resolveRegions } from './regions.ts'
import type { Report } from './report.ts'

export interface ReadRules {
  readonly rules: Rules
  readonly policy: CompiledPolicy
}

export interface Expectations {
  /** Whether the rules may say nothing that permits or prohibits, because other rules join them. */
  readonly isPart: boolean
  /** Whether they are sent to peers. */
  readonly isSent: boolean
}

/** Stands in for the permission or prohibition that another part brings; it is taken away again. */
const STAND_IN = { action: 'use' }

/** Whether any key of rules is there at all. */
export function hasRules(policy: Mapping): boolean {
  return POLICY_KEYS.some((key) => Object.hasOwn(policy, key))
}

/** The rules of a mapping in the house form; null after complaints. */
export function readHouseRules(
  policy: Mapping,
  expected: Expectations,
  context: Context,
  report: Report,
): ReadRules | null {
  const { raw, aliases } = expandRules(policy, report.complain)
  return readRawRules(raw, expected, context, report.within('', aliases))
}

/** The same from plain ODRL. */
export function readRawRules(raw: Mapping, expected: Expectations, context: Context, report: Report): ReadRules | null {
  const rules = told(collected(raw, expected.isPart), report)
  return rules === null ? null : judged(rules, expected, context, report)
}

/** Rules that are well formed: compiled, with every problem told. */
export function judged(written: Rules, expected: Expectations, context: Context, report: Report): ReadRules {
  const rules = resolveRegions(written, context.vocab)
  const { value: policy, problems } = compilePolicyFully(rules)
  problems.forEach(report.problem)
  // What is not known has no namespace either: that is said once.
  if (problems.length === 0 && expected.isSent) lostOnWire(rules).forEach(report.problem)
  if (problems.length === 0) lintRules(rules, policy, context, report)
  return { rules, policy }
}

function collected(raw: Mapping, isPart: boolean): Collected<Rules> {
  if (!isPart || Object.hasOwn(raw, 'permission') || Object.hasOwn(raw, 'prohibition')) return collectRules(raw)
  const { value, problems } = collectRules({ ...raw, permission: [STAND_IN] })
  if (value === null) return { value, problems }
  const { permission: _standIn, ...rules } = value
  return { value: rules, problems }
}

function told<T>({ value, problems }: Collected<T>, report: Report): T | null {
  problems.forEach(report.problem)
  return value
}

/** Constraints on a participant with whom nothing is agreed yet: `access`, `parties`. Empty where the key is not there. */
export function readConstraintsUnder(
  key: string,
  value: Mapping,
  { vocab }: Context,
  report: Report,
): CompiledConstraints {
  if (!Object.hasOwn(value, key)) return []
  const written = told<readonly Constraint[]>(
    collectConstraints(expandConstraints(value[key], key, report.complain), key),
    report,
  )
  if (written === null) return []
  const { value: compiled, problems } = compileConstraintsFully(namedRegions(written, vocab), key)
  problems.forEach(report.problem)
  return compiled
}
