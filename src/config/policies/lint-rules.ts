// What is allowed in rules that compile, and probably not what was meant.

import type { CompiledConstraints, CompiledDuty, CompiledPolicy } from '../../domain/policy/compiled.ts'
import { operandOf } from '../../domain/policy/operands.ts'
import { nearest } from '../../kernel/nearest.ts'
import { toIso } from '../../kernel/time.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import type { AtomicConstraint, Constraint, Duty, Rule, Rules } from '../../protocol/odrl/types.ts'
import { LOGICAL_OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import { findingAt } from './codes.ts'
import type { Context } from './context.ts'
import { didYouMean } from './house-form.ts'
import type { Report } from './report.ts'

/**
 * Operators that a left operand takes and hardly anybody means, with what says it. A moving measure meets one exact value for
 * one use, or for one millisecond.
 */
// prettier-ignore
const NOT_ADVISED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dateTime:          { eq: 'lteq, or gteq', neq: 'lt, or gt' },
  elapsedTime:       { eq: 'lteq' },
  meteredTime:       { eq: 'lteq' },
  delayPeriod:       { eq: 'gteq' },
  count:             { eq: 'lteq', neq: 'lteq', gt: 'lteq', gteq: 'lteq' },
  'tds:dataSize':    { eq: 'lteq', neq: 'lteq' },
  'tds:recordCount': { eq: 'lteq', neq: 'lteq' },
}

export function lintRules(rules: Rules, policy: CompiledPolicy, context: Context, report: Report): void {
  const { permission = [], prohibition = [], obligation = [] } = rules
  permission.forEach((rule, index) => {
    lintRule(rule, item('permission', index), true, context, report)
    lintEnd(
      rule.constraint ?? [],
      member(item('permission', index), 'constraint'),
      'what this permission allows',
      report,
    )
  })
  prohibition.forEach((rule, index) => {
    lintRule(rule, item('prohibition', index), false, context, report)
  })
  obligation.forEach((rule, index) => {
    lintRule(rule, item('obligation', index), true, context, report)
  })
  policy.permissions
    .flatMap(({ duties }) => duties)
    .forEach((duty) => {
      lintTiming(duty, report)
    })
}

/** @param grants whether the rule lets something through while its constraints hold; a prohibition is meant the other way */
function lintRule(rule: Rule, path: string, grants: boolean, context: Context, report: Report): void {
  lintConstraints(rule.refinement ?? [], member(path, 'refinement'), grants, context, report)
  lintConstraints(rule.constraint ?? [], member(path, 'constraint'), grants, context, report)
  for (const key of ['duty', 'remedy', 'consequence'] as const) {
    const duties: readonly Duty[] = rule[key] ?? []
    duties.forEach((duty, index) => {
      lintRule(duty, item(member(path, key), index), true, context, report)
    })
  }
}

/** Says by when, or it is not clear whether somebody knew that it is owed afterwards only. */
function lintTiming({ timing, constraints, action, path }: CompiledDuty, report: Report): void {
  const hasDeadline = constraints.some((each) => each.kind !== 'logical' && (each.about.moves || each.left === 'event'))
  if (timing !== 'after' || hasDeadline) return
  const message = `\`${action}\` cannot be done before the data are there: it is owed afterwards, and nothing says by when`
  const zh = `\`${action}\` 只能在取得数据之后履行，且没有写明期限`
  report.add(findingAt(report.at(path), 'duty-timing', message, { hint: 'for example `within: P7D`', zh }))
}

/** Nobody sees an offer any more whose `access` has ended. */
export function lintEndOfAccess(access: CompiledConstraints, report: Report): void {
  access.forEach((each) => {
    if (each.kind !== 'ordered' || each.left !== 'dateTime') return
    const constraint = { leftOperand: each.left, operator: each.operator, rightOperand: each.written }
    lintEndOf(constraint, each.path, 'the time in which it is shown', report)
  })
}

/** What ends by the calendar will be found once it has. */
function lintEnd(constraints: readonly Constraint[], path: string, what: string, report: Report): void {
  constraints.forEach((constraint, index) => {
    if ('leftOperand' in constraint && constraint.leftOperand === 'dateTime')
      lintEndOf(constraint, item(path, index), what, report)
  })
}

function lintEndOf({ operator, rightOperand }: AtomicConstraint, path: string, what: string, report: Report): void {
  const [text, another] = typeof rightOperand === 'string' ? [rightOperand] : rightOperand
  const end = text === undefined || another !== undefined ? null : parseInstant(text)
  if (end === null || !['lt', 'lteq', 'eq'].includes(operator)) return
  const at = report.at(member(path, 'rightOperand'))
  const message = `${what} has ended at ${toIso(end)}`
  report.addLater({ from: end, finding: findingAt(at, 'expired', message, { zh: `已于 ${toIso(end)} 到期` }) })
}

function lintConstraints(
  list: readonly Constraint[],
  path: string,
  grants: boolean,
  context: Context,
  report: Report,
): void {
  list.forEach((constraint, index) => {
    const at = item(path, index)
    if ('leftOperand' in constraint) {
      if (grants) lintOperator(constraint, at, report)
      lintValues(constraint, at, context, report)
      lintUnit(constraint, at, report)
      return
    }
    for (const key of LOGICAL_OPERATORS)
      lintConstraints(constraint[key] ?? [], member(at, key), grants, context, report)
  })
}

function lintOperator({ leftOperand, operator }: AtomicConstraint, path: string, report: Report): void {
  const advised = NOT_ADVISED[leftOperand]?.[operator]
  if (advised === undefined) return
  const message = `\`${leftOperand}\` with \`${operator}\` is hardly what was meant: perhaps ${advised}`
  const zh = `\`${leftOperand}\` 不建议用 \`${operator}\`，可能想写 ${advised.replace(', or ', ' 或 ')}`
  report.add(findingAt(report.at(member(path, 'operator')), 'operator-not-advised', message, { zh }))
}

function lintValues(constraint: AtomicConstraint, path: string, context: Context, report: Report): void {
  const { leftOperand, rightOperand } = constraint
  const type = operandOf(leftOperand)?.type
  const isList = typeof rightOperand !== 'string'
  for (const [index, text] of (isList ? rightOperand : [rightOperand]).entries()) {
    const at = member(path, 'rightOperand')
    const place = () => report.at(isList ? item(at, index) : at)
    if (type === 'instant' && /T\d\d:\d\d(?:Z|[+-])/.test(text)) {
      const message = `${text} has no seconds, which xsd:dateTime demands: a strict peer would refuse it`
      report.add(
        findingAt(place(), 'datetime-lexical', message, { severity: 'warning', hint: `\`${withSeconds(text)}\`` }),
      )
    }
    if (type === 'duration' && /^P\d+M$/.test(text)) {
      const months = text.slice(1, -1)
      const [month, minutes] = months === '1' ? ['month', 'minute is'] : ['months', 'minutes are']
      const message = `${text} is ${months} ${month}; ${months} ${minutes} PT${months}M`
      const hint = `\`PT${months}M\` for minutes; \`P0Y${months}M\` says that months are meant`
      report.add(
        findingAt(place(), 'duration-months', message, {
          hint,
          zh: `${text} 是 ${months} 个月；${months} 分钟应写作 PT${months}M`,
        }),
      )
    }
    lintTerm(leftOperand, text, context, place, report)
  }
}

/** ISO 4217 as the runtime knows it: money that is counted today. */
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))
/** What people write for a currency of another name. */
const CURRENCIES_ELSEWHERE: Readonly<Record<string, string>> = { RMB: 'CNY', CNH: 'CNY', NTD: 'TWD' }

function lintUnit({ leftOperand, unit }: AtomicConstraint, path: string, report: Report): void {
  const code = operandOf(leftOperand)?.needsUnit === true ? unit?.slice(-3) : undefined
  if (code === undefined || CURRENCIES.has(code)) return
  const meant = CURRENCIES_ELSEWHERE[code] ?? nearest(code, CURRENCIES)
  const message = `ISO 4217 has no currency \`${code}\`, and a payment in one that it has would not count`
  const zh = `ISO 4217 没有货币 \`${code}\`，以其他货币付款不会算数`
  const hint = meant === undefined ? {} : { hint: didYouMean(meant) }
  report.add(findingAt(report.at(member(path, 'unit')), 'unknown-unit', message, { zh, ...hint }))
}

function withSeconds(text: string): string {
  return text.replace(/(T\d\d:\d\d)(?=Z|[+-])/, '$1:00')
}

/** Names that should be in the vocabulary files. Where a file says nothing about their kind, any name may be right. */
function lintTerm(
  leftOperand: string,
  text: string,
  { vocab: { groups, purposes, events } }: Context,
  place: () => ReturnType<Report['at']>,
  report: Report,
): void {
  const table =
    leftOperand === 'recipient' ? groups : leftOperand === 'purpose' ? purposes : leftOperand === 'event' ? events : {}
  const names = Object.keys(table)
  // A participant has an IRI; what refers to a fact has a prefix too.
  if (names.length === 0 || names.includes(text) || (leftOperand !== 'purpose' && text.includes(':'))) return
  if (/^(?:ctx|annex|consent|contract):/.test(text)) return
  const meant = nearest(text, names)
  const message = `\`${text}\` is not in the vocabulary files`
  report.add(
    findingAt(place(), 'unknown-term', message, {
      zh: `词表文件中没有 \`${text}\``,
      ...(meant !== undefined && { hint: didYouMean(meant) }),
    }),
  )
}
