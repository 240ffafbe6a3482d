// Rules of ours as a contract policy of TC609-6-2025-14. Its rules are flat: one action, and constraints that must all hold.

import { item, member } from '../odrl/path.ts'
import type { AtomicConstraint, Constraint, Duty, Rule, Rules } from '../odrl/types.ts'
import { canonicalAction, LOGICAL_OPERATORS, shortTerm } from '../odrl/vocabulary.ts'
import { TC609_ACTIONS, TC609_CONSTRAINTS, TC609_OPERATORS } from './codes.ts'
import { change, refuse, whole, type Conversion, type Converting } from './conversion.ts'
import { TC609_PROFILE, type Tc609Constraint, type Tc609Policy, type Tc609Rule } from './document.ts'
import { valueToTheirs } from './values.ts'

export interface ExportOptions {
  readonly id: string
  /** By language tag. */
  readonly title?: Readonly<Record<string, string>>
  readonly description?: Readonly<Record<string, string>>
  /** Whether a duty of a permission is due before its action, as every 前置义务 is. */
  readonly isPrecondition: (action: string) => boolean
}

/** Rules that one rule may be split into, where its constraints are alternatives. */
const SPLIT_MAX = 64

/**
 * Refuses by name what the standard has no word for: `use` (broader than any of its actions), refinements, assets and parties of a
 * rule's own, conflict strategies, `xone`, `andSequence`, references. An `or` on a permission or a prohibition becomes several
 * rules; that is listed as changed.
 */
export function exportTc609(rules: Rules, options: ExportOptions): Conversion<Tc609Policy> {
  const converting: Converting = { refused: [], changed: [] }
  const { id, title, description, isPrecondition } = options
  const preDuties = (rule: Rule, path: string) =>
    duties(rule.duty, 'preDuties', member(path, 'duty'), isPrecondition, converting)
  const remedies = (rule: Rule, path: string) =>
    duties(rule.remedy, 'remedies', member(path, 'remedy'), null, converting)
  const consequences = (rule: Rule, path: string) =>
    duties(rule.consequence, 'consequences', member(path, 'consequence'), null, converting)

  if (rules.conflict !== undefined && rules.conflict !== 'invalid')
    refuse(
      converting,
      'conflict',
      'no-counterpart',
      `the standard has no word for the conflict strategy ${rules.conflict}`,
    )
  const profiles = typeof rules.profile === 'string' ? [rules.profile] : (rules.profile ?? [])
  for (const profile of profiles) change(converting, 'profile', profile, null)

  const converted: Tc609Policy = {
    profile: TC609_PROFILE,
    policyId: id,
    ...(title !== undefined && Object.keys(title).length > 0 && { policyName: title }),
    ...(description !== undefined && Object.keys(description).length > 0 && { description }),
    ...list('permissions', ruleList(rules.permission, 'permission', true, preDuties, converting)),
    ...list('prohibitions', ruleList(rules.prohibition, 'prohibition', true, remedies, converting)),
    ...list('obligations', ruleList(rules.obligation, 'obligation', false, consequences, converting)),
  }
  return { converted, ...converting }
}

/** What belongs to a rule beside its constraints; null after a refusal. */
type More = (rule: Rule, path: string) => object | null

function ruleList(
  rules: readonly Rule[] | undefined,
  key: string,
  maySplit: boolean,
  more: More,
  converting: Converting,
): readonly Tc609Rule[] {
  return (rules ?? []).flatMap((rule, index) => ruleToTheirs(rule, item(key, index), maySplit, more, converting) ?? [])
}

function duties(
  list: readonly Duty[] | undefined,
  key: 'preDuties' | 'remedies' | 'consequences',
  path: string,
  isPrecondition: ExportOptions['isPrecondition'] | null,
  converting: Converting,
): object | null {
  if (list === undefined || list.length === 0) return {}
  const converted = list.map((duty, index): Tc609Rule | null => {
    const at = item(path, index)
    const action = canonicalAction(duty.action) ?? duty.action
    if (duty.consequence !== undefined) {
      const message = 'the standard has a 违约责任 of obligations only; write this duty as an obligation'
      return refuse(converting, member(at, 'consequence'), 'no-counterpart', message)
    }
    if (isPrecondition?.(action) === false) {
      const message = `${action} is due after the use here, and a 前置义务 before it; write it as an obligation`
      return refuse(converting, member(at, 'action'), 'timing', message)
    }
    return ruleToTheirs(duty, at, false, () => ({}), converting)?.[0] ?? null
  })
  const all = whole(converted)
  return all === null ? null : { [key]: all }
}

function ruleToTheirs(
  rule: Rule,
  path: string,
  maySplit: boolean,
  more: More,
  converting: Converting,
): readonly Tc609Rule[] | null {
  const before = converting.refused.length
  refuseUnspeakable(rule, path, converting)
  const action = actionToTheirs(rule.action, member(path, 'action'), converting)
  const alternatives = alternativesOf(rule.constraint ?? [], member(path, 'constraint'), converting)
  const rest = more(rule, path)
  if (action === null || alternatives === null || rest === null || converting.refused.length > before) return null
  const [only = []] = alternatives
  if (alternatives.length > 1 && !mayBeSplit(rule, path, maySplit, alternatives.length, converting)) return null
  const uid = rule['@id'] !== undefined && alternatives.length <= 1 ? { uid: rule['@id'] } : {}
  return (alternatives.length === 0 ? [only] : alternatives).map((constraints) => {
    return { ...uid, action, ...list('constraints', constraints), ...rest }
  })
}

function mayBeSplit(rule: Rule, path: string, maySplit: boolean, into: number, converting: Converting): boolean {
  const owed = [...(rule.duty ?? []), ...(rule.remedy ?? [])]
  const at = member(path, 'constraint')
  if (into > SPLIT_MAX) {
    refuse(converting, at, 'logic', `these alternatives would be more than ${String(SPLIT_MAX)} rules`)
    return false
  }
  // Each of the rules would owe its own: one that has a uid is one and the same wherever it stands.
  if (!maySplit || owed.some((duty) => duty['@id'] === undefined)) {
    const message = maySplit
      ? 'an `or` becomes several rules, which would each owe these duties; give the duties a uid'
      : 'an `or` on a duty cannot be split: it would be owed several times'
    refuse(converting, at, 'logic', message)
    return false
  }
  change(converting, path, 'one rule with `or`', `${String(into)} rules`)
  if (rule['@id'] !== undefined) change(converting, member(path, '@id'), rule['@id'], null)
  return true
}

function refuseUnspeakable({ refinement, scopes, parties }: Rule, path: string, converting: Converting): void {
  if (refinement !== undefined) {
    const message = 'the standard has no refinement of an action; write it as a constraint'
    refuse(converting, member(path, 'refinement'), 'no-counterpart', message)
  }
  for (const key of [...Object.keys(scopes ?? {}), ...Object.keys(parties ?? {})])
    refuse(converting, member(path, key), 'no-counterpart', `a rule of the standard has no ${key} of its own`)
}

function actionToTheirs(action: string, path: string, converting: Converting): string | null {
  const short = shortTerm(action)
  const current = canonicalAction(action) ?? short
  const word = TC609_ACTIONS.find(({ ours }) => ours === current)
  if (word === undefined) {
    const message =
      current === 'use'
        ? 'use is broader than any action of the standard; name those that are meant, such as access, read, download'
        : `the standard has no action ${JSON.stringify(short)}`
    return refuse(converting, path, 'unknown-action', message)
  }
  if (current !== short) change(converting, path, short, word.name)
  return word.name
}

/** The constraints as lists of which one must hold; each list is flat. Null after a refusal. */
function alternativesOf(
  constraints: readonly Constraint[],
  path: string,
  converting: Converting,
): readonly (readonly Tc609Constraint[])[] | null {
  const each = whole(constraints.map((constraint, index) => oneAlternatives(constraint, item(path, index), converting)))
  return (
    each?.reduce<readonly (readonly Tc609Constraint[])[]>(
      (lists, more) =>
        lists.length > SPLIT_MAX
          ? lists
          : lists.flatMap((list) => more.map((constraints) => [...list, ...constraints])),
      [[]],
    ) ?? null
  )
}

function oneAlternatives(
  constraint: Constraint,
  path: string,
  converting: Converting,
): readonly (readonly Tc609Constraint[])[] | null {
  if ('leftOperand' in constraint) {
    const converted = constraintToTheirs(constraint, path, converting)
    return converted === null ? null : [[converted]]
  }
  const operator = LOGICAL_OPERATORS.find((key) => constraint[key] !== undefined) ?? 'and'
  const of = constraint[operator] ?? []
  const at = member(path, operator)
  if (constraint['@id'] !== undefined) change(converting, member(path, '@id'), constraint['@id'], null)
  if (operator === 'and') {
    change(converting, path, '`and`', 'constraints beside the others')
    return alternativesOf(of, at, converting)
  }
  if (operator !== 'or')
    return refuse(converting, path, 'logic', `the standard has flat lists of constraints, and no \`${operator}\``)
  return whole(of.map((part, index) => oneAlternatives(part, item(at, index), converting)))?.flat() ?? null
}

function constraintToTheirs(
  constraint: AtomicConstraint,
  path: string,
  converting: Converting,
): Tc609Constraint | null {
  const { leftOperand, operator, rightOperand, unit, dataType } = constraint
  const left = shortTerm(leftOperand)
  const word = TC609_CONSTRAINTS.find(({ ours }) => ours === left)
  if (word === undefined) {
    const message = `the standard has no constraint for ${JSON.stringify(left)}`
    return refuse(converting, member(path, 'leftOperand'), 'unknown-constraint', message)
  }
  const code = Object.entries(TC609_OPERATORS).find(([, ours]) => ours === shortTerm(operator))?.[0]
  if (code === undefined)
    return refuse(converting, member(path, 'operator'), 'unknown-operator', `the standard has no operator ${operator}`)
  const at = member(path, 'rightOperand')
  const value =
    typeof rightOperand === 'string'
      ? valueToTheirs(rightOperand, word, { path: at, converting })
      : whole(rightOperand.map((text, index) => valueToTheirs(text, word, { path: item(at, index), converting })))
  const theirUnit = unitToTheirs(unit, word.form, member(path, 'unit'), converting)
  if (value === null || theirUnit === null) return null
  // The name of the constraint says which type its value has.
  if (dataType !== undefined) change(converting, member(path, 'dataType'), dataType, null)
  return {
    ...(constraint['@id'] !== undefined && { uid: constraint['@id'] }),
    name: word.name,
    operator: code,
    value,
    ...theirUnit,
  }
}

function unitToTheirs(
  unit: string | undefined,
  form: string,
  path: string,
  converting: Converting,
): { readonly unit?: string } | null {
  if (form === 'bytes' && unit === undefined) return { unit: 'B' }
  if (form !== 'money')
    return unit === undefined ? {} : refuse(converting, path, 'unit', `expected no unit, came ${unit}`)
  const code = /(?:^|[/#:])([A-Z]{3})$/.exec(unit ?? '')?.[1]
  if (code === undefined)
    return refuse(converting, path, 'unit', `payAmount needs a currency of ISO 4217, came ${unit ?? 'none'}`)
  if (unit !== undefined && unit !== code) change(converting, path, unit, code)
  return { unit: code }
}

function list<K extends string, T>(key: K, values: readonly T[]): { readonly [P in K]?: readonly T[] } {
  return values.length === 0 ? {} : ({ [key]: values } as { readonly [P in K]: readonly T[] })
}
