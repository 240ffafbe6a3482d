// From rules that are well formed to a policy that is understood. What is not understood is refused, never left out.

import type { Problem, Result } from '../../kernel/problem.ts'
import { ANY_ACTION } from '../../protocol/odrl/actions.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import type { Constraint, Duty, Rule, Rules, Scope } from '../../protocol/odrl/types.ts'
import { canonicalAction, PROFILES, shortTerm } from '../../protocol/odrl/vocabulary.ts'
import { compileList } from './compile-constraint.ts'
import { SCOPE_KEYS } from './compiled.ts'
import type {
  CompiledConstraints,
  CompiledDuty,
  CompiledPolicy,
  CompiledRule,
  CompiledScope,
  CompiledScopes,
} from './compiled.ts'
import { begin, invalid, quoted, refuse, within, type Compiling, type Vocabulary } from './compiling.ts'
import { dutyTiming } from './duties.ts'

/** What was compiled and everything that stood in the way: the value counts only if there are no problems. */
export interface Compiled<T> {
  readonly value: T
  readonly problems: readonly Problem[]
}

/**
 * The policy, ready to be evaluated. Refuses an unknown profile, action, left operand or operator anywhere in it, prohibitions
 * and duties included (`policy.not-understood`); a right operand of the wrong type and a policy over a limit (`policy.invalid`).
 */
export function compilePolicy(rules: Rules, path = ''): Result<CompiledPolicy> {
  return settled(compilePolicyFully(rules, path))
}

/** The constraints of `access`, by the same rules; what is not known of a participant before an agreement is refused too. */
export function compileConstraints(list: readonly Constraint[], path = 'access'): Result<CompiledConstraints> {
  return settled(compileConstraintsFully(list, path))
}

/**
 * Like `compilePolicy`, with every problem instead of the first.
 * @param vocabulary `known`: the tables of this connector. `any`: also actions and left operands that no table has, compared
 *   as text, number or time, whichever their right operands are; for evaluating policies that nobody here has to enforce
 */
export function compilePolicyFully(
  rules: Rules,
  path = '',
  vocabulary: Vocabulary = 'known',
): Compiled<CompiledPolicy> {
  const compiling = begin(false, vocabulary)
  const profiles = typeof rules.profile === 'string' ? [rules.profile] : (rules.profile ?? [])
  for (const profile of profiles) {
    if (!PROFILES.includes(profile))
      refuse(compiling, `the profile ${profile} is not known here`, member(path, 'profile'))
  }
  const each = <T extends Rule, U>(list: readonly T[] | undefined, key: string, one: (rule: T, at: string) => U) =>
    within(compiling, list, member(path, key)).map((rule, index) => one(rule, item(member(path, key), index)))
  const duties = (list: readonly Duty[] | undefined, key: string, at: string, isLast: boolean) =>
    within(compiling, list, member(at, key)).map((duty, index) =>
      compileDuty(duty, item(member(at, key), index), compiling, isLast),
    )

  const value = {
    conflict: rules.conflict ?? 'invalid',
    permissions: each(rules.permission, 'permission', (rule, at) => {
      if (rule.remedy !== undefined) refuse(compiling, 'a permission has no remedy', member(at, 'remedy'))
      return { ...compileRule(rule, at, compiling), duties: duties(rule.duty, 'duty', at, false) }
    }),
    prohibitions: each(rules.prohibition, 'prohibition', (rule, at) => {
      if (rule.duty !== undefined) refuse(compiling, 'a duty on a prohibition is not supported', member(at, 'duty'))
      // IM 2.2, 2.6.7: a remedy must not have a consequence.
      return { ...compileRule(rule, at, compiling), remedies: duties(rule.remedy, 'remedy', at, true) }
    }),
    obligations: each(rules.obligation, 'obligation', (rule, at) => compileDuty(rule, at, compiling, false)),
  }
  return { value, problems: compiling.problems }
}

/** Like `compileConstraints`, with every problem instead of the first. */
export function compileConstraintsFully(list: readonly Constraint[], path = 'access'): Compiled<CompiledConstraints> {
  const compiling = begin(true, 'known')
  return { value: compileList(list, path, 0, compiling), problems: compiling.problems }
}

function settled<T>({ value, problems: [first] }: Compiled<T>): Result<T> {
  return first === undefined ? { ok: true, value } : { ok: false, problem: first }
}

/** @param isLast a consequence or a remedy, which must not have a consequence (IM 2.2, 2.6.5) */
function compileDuty(duty: Duty, path: string, compiling: Compiling, isLast: boolean): CompiledDuty {
  const rule = compileRule(duty, path, compiling)
  const at = member(path, 'consequence')
  if (isLast && duty.consequence !== undefined)
    invalid(compiling, 'a consequence or a remedy must not have a consequence', at)
  const consequences = isLast
    ? []
    : within(compiling, duty.consequence, at).map((each, index) => compileDuty(each, item(at, index), compiling, true))
  // To ODRL every duty of a permission is a precondition (IM 2.2, 2.6.3); only what is enforced here knows better.
  const timing = compiling.vocabulary === 'any' ? 'before' : dutyTiming(rule.action)
  return { ...rule, timing, consequences }
}

function compileRule(rule: Duty, path: string, compiling: Compiling): CompiledRule {
  const { action, refinement, constraint, scopes } = rule
  const canonical = action === ANY_ACTION && compiling.vocabulary === 'any' ? action : canonicalAction(action)
  if (canonical === null && compiling.vocabulary === 'known')
    refuse(compiling, `the action ${quoted(action)} is not known here`, member(path, 'action'))
  return {
    path,
    id: rule['@id'] ?? null,
    action: canonical ?? shortTerm(action),
    refinement: compileList(refinement ?? [], member(path, 'refinement'), 0, compiling),
    scopes: scopes === undefined ? null : compileScopes(scopes, path, compiling),
    constraints: compileList(constraint ?? [], member(path, 'constraint'), 0, compiling),
  }
}

function compileScopes(scopes: NonNullable<Duty['scopes']>, path: string, compiling: Compiling): CompiledScopes {
  const compiled: { -readonly [K in keyof CompiledScopes]: CompiledScopes[K] } = {}
  for (const key of SCOPE_KEYS) {
    const scope = scopes[key]
    if (scope !== undefined) compiled[key] = compileScope(scope, member(path, key), compiling)
  }
  return compiled
}

function compileScope({ id, isCollection, refinement }: Scope, path: string, compiling: Compiling): CompiledScope {
  const refined = compileList(refinement ?? [], member(path, 'refinement'), 0, compiling)
  return { id, isCollection, refinement: refined }
}
