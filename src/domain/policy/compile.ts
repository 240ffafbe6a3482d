// From rules that are well formed to a policy that is understood. What is not understood is refused, never left out.

import { problem, type Problem, type Result } from '../../kernel/problem.ts'
import { POLICY_LIMITS } from '../../protocol/odrl/limits.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import type { AtomicConstraint, Constraint, Duty, Rule, Rules } from '../../protocol/odrl/types.ts'
import { canonicalAction, LOGICAL_OPERATORS, OPERATORS, PROFILES, shortTerm } from '../../protocol/odrl/vocabulary.ts'
import type { CompiledConstraint, CompiledConstraints, CompiledDuty, CompiledPolicy, CompiledRule } from './compiled.ts'
import { dutyTiming } from './duties.ts'
import {
  isOrdered,
  isSet,
  LIST_OPERATORS,
  OPERAND_NAMES,
  ORDERED,
  SETS,
  type OrderOperator,
  type SetOperator,
} from './operands.ts'

/** What was compiled and everything that stood in the way: the value counts only if there are no problems. */
export interface Compiled<T> {
  readonly value: T
  readonly problems: readonly Problem[]
}

interface Compiling {
  readonly problems: Problem[]
  readonly inAccess: boolean
  constraintsLeft: number
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

/** Like `compilePolicy`, with every problem instead of the first. */
export function compilePolicyFully(rules: Rules, path = ''): Compiled<CompiledPolicy> {
  const compiling = begin(false)
  const profiles = typeof rules.profile === 'string' ? [rules.profile] : (rules.profile ?? [])
  for (const profile of profiles) {
    if (!PROFILES.includes(profile))
      refuse(compiling, `the profile ${profile} is not known here`, member(path, 'profile'))
  }
  const each = <T extends Rule, U>(list: readonly T[] | undefined, key: string, one: (rule: T, at: string) => U) =>
    within(compiling, list, member(path, key)).map((rule, index) => one(rule, item(member(path, key), index)))

  const value = {
    permissions: each(rules.permission, 'permission', (rule, at) => ({
      ...compileRule(rule, at, compiling),
      duties: within(compiling, rule.duty, member(at, 'duty')).map((duty, index) =>
        compileDuty(duty, item(member(at, 'duty'), index), compiling),
      ),
    })),
    prohibitions: each(rules.prohibition, 'prohibition', (rule, at) => {
      if (rule.duty !== undefined) refuse(compiling, 'a duty on a prohibition is not supported', member(at, 'duty'))
      return compileRule(rule, at, compiling)
    }),
    obligations: each(rules.obligation, 'obligation', (rule, at) => compileDuty(rule, at, compiling)),
  }
  return { value, problems: compiling.problems }
}

/** Like `compileConstraints`, with every problem instead of the first. */
export function compileConstraintsFully(list: readonly Constraint[], path = 'access'): Compiled<CompiledConstraints> {
  const compiling = begin(true)
  return { value: compileList(list, path, 0, compiling), problems: compiling.problems }
}

function begin(inAccess: boolean): Compiling {
  return { problems: [], inAccess, constraintsLeft: POLICY_LIMITS.constraintsMax }
}

function settled<T>({ value, problems: [first] }: Compiled<T>): Result<T> {
  return first === undefined ? { ok: true, value } : { ok: false, problem: first }
}

function refuse({ problems }: Compiling, message: string, path: string): void {
  problems.push(problem('policy.not-understood', message, path))
}

function invalid({ problems }: Compiling, message: string, path: string): void {
  problems.push(problem('policy.invalid', message, path))
}

function within<T>(compiling: Compiling, list: readonly T[] | undefined, path: string): readonly T[] {
  if (list === undefined || list.length <= POLICY_LIMITS.rulesMax) return list ?? []
  invalid(compiling, `at most ${String(POLICY_LIMITS.rulesMax)} rules, came ${String(list.length)}`, path)
  return []
}

function compileDuty(duty: Duty, path: string, compiling: Compiling): CompiledDuty {
  const rule = compileRule(duty, path, compiling)
  return { ...rule, timing: dutyTiming(rule.action) }
}

function compileRule({ action, constraint }: Duty, path: string, compiling: Compiling): CompiledRule {
  const canonical = canonicalAction(action)
  if (canonical === null) refuse(compiling, `the action ${quoted(action)} is not known here`, member(path, 'action'))
  const constraints = compileList(constraint ?? [], member(path, 'constraint'), 0, compiling)
  return { path, action: canonical ?? action, constraints }
}

function compileList(
  list: readonly Constraint[],
  path: string,
  depth: number,
  compiling: Compiling,
): readonly CompiledConstraint[] {
  return list.flatMap((constraint, index) => compileConstraint(constraint, item(path, index), depth, compiling) ?? [])
}

/** Null only together with a problem: nothing is left out of a policy that compiles. */
function compileConstraint(
  constraint: Constraint,
  path: string,
  depth: number,
  compiling: Compiling,
): CompiledConstraint | null {
  if (--compiling.constraintsLeft < 0) {
    const message = `at most ${String(POLICY_LIMITS.constraintsMax)} constraints in a policy`
    if (compiling.constraintsLeft === -1) invalid(compiling, message, path)
    return null
  }
  if ('leftOperand' in constraint) return compileAtomic(constraint, path, compiling)

  const [operator, another] = LOGICAL_OPERATORS.filter((key) => constraint[key] !== undefined)
  const list = operator === undefined ? undefined : constraint[operator]
  if (operator === undefined || list === undefined || another !== undefined) {
    invalid(compiling, `expected a leftOperand or exactly one of ${LOGICAL_OPERATORS.join(', ')}`, path)
    return null
  }
  const at = member(path, operator)
  if (operator === 'andSequence') {
    refuse(compiling, '`andSequence` is not supported yet', at)
    return null
  }
  if (list.length === 0 || depth >= POLICY_LIMITS.depthMax) {
    const limit = String(POLICY_LIMITS.depthMax)
    invalid(
      compiling,
      list.length === 0 ? `\`${operator}\` needs at least one constraint` : `nested more than ${limit} deep`,
      at,
    )
    return null
  }
  return { kind: 'logical', path, operator, of: compileList(list, at, depth + 1, compiling) }
}

function compileAtomic(constraint: AtomicConstraint, path: string, compiling: Compiling): CompiledConstraint | null {
  const left = shortTerm(constraint.leftOperand)
  const operator = shortTerm(constraint.operator)
  const operand = isOrdered(left) ? ORDERED[left] : isSet(left) ? SETS[left] : null
  if (operand === null || (compiling.inAccess && !operand.inAccess)) {
    const known = OPERAND_NAMES.filter((name) => !compiling.inAccess || allowedInAccess(name))
    const message = operand === null ? 'is not known here' : 'is not known of a participant before an agreement'
    refuse(
      compiling,
      `the left operand ${quoted(left)} ${message}; known: ${known.join(', ')}`,
      member(path, 'leftOperand'),
    )
    return null
  }
  if (!(operand.operators as readonly string[]).includes(operator)) {
    const known = (OPERATORS as readonly string[]).includes(operator)
    const message = known
      ? `${left} does not take ${operator}`
      : `the operator ${quoted(operator)} is not one of ODRL's`
    refuse(compiling, `${message}; ${left} takes ${operand.operators.join(', ')}`, member(path, 'operator'))
    return null
  }
  return isOrdered(left)
    ? compileOrdered(left, operator as OrderOperator, constraint, path, compiling)
    : isSet(left)
      ? compileSet(left, operator as SetOperator, constraint, path, compiling)
      : null
}

function allowedInAccess(name: string): boolean {
  return (isOrdered(name) && ORDERED[name].inAccess) || (isSet(name) && SETS[name].inAccess)
}

function compileOrdered(
  left: keyof typeof ORDERED,
  operator: OrderOperator,
  { rightOperand: written }: AtomicConstraint,
  path: string,
  compiling: Compiling,
): CompiledConstraint | null {
  const { parse, expects } = ORDERED[left]
  const [text, ...more] = typeof written === 'string' ? [written] : written
  const right = text === undefined || more.length > 0 ? null : parse(text)
  if (right === null) {
    invalid(compiling, `${left} ${operator} expects ${expects}, came ${quoted(written)}`, member(path, 'rightOperand'))
    return null
  }
  return { kind: 'ordered', path, left, operator, right, written }
}

function compileSet(
  left: keyof typeof SETS,
  operator: SetOperator,
  { rightOperand: written }: AtomicConstraint,
  path: string,
  compiling: Compiling,
): CompiledConstraint | null {
  const { parse, expects } = SETS[left]
  const at = member(path, 'rightOperand')
  const texts = typeof written === 'string' ? [written] : written
  const most = LIST_OPERATORS.includes(operator) ? POLICY_LIMITS.valuesMax : 1
  if (texts.length === 0 || texts.length > most) {
    const count = most === 1 ? 'one value' : `1 to ${String(most)} values`
    invalid(compiling, `${left} ${operator} expects ${count}, came ${String(texts.length)}`, at)
    return null
  }
  const right: string[] = []
  for (const [index, text] of texts.entries()) {
    const value = parse(text)
    if (value === null) {
      const place = typeof written === 'string' ? at : item(at, index)
      invalid(compiling, `${left} ${operator} expects ${expects}, came ${quoted(text)}`, place)
    } else {
      right.push(value)
    }
  }
  return { kind: 'set', path, left, operator, right, written }
}

function quoted(raw: unknown): string {
  const text = JSON.stringify(raw)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
