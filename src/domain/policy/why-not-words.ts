// The smallest changes in words: those that differ in one value only are told as one, with its alternatives.

import { toIso, type Instant } from '../../kernel/time.ts'
import type { AtomicConstraint } from '../../protocol/odrl/types.ts'
import { isReference, type CompiledAtomic } from './compiled.ts'
import type { Facts } from './facts.ts'
import { boundOf } from './observe.ts'
import type { OrderOperator } from './operands.ts'
import { actionWords } from './render/action-words.ts'
import { constraintWords } from './render/constraint-words.ts'
import { bracketed, filled, type Language, type Words } from './render/language.ts'
import { instantWords, valueWords, type Speech } from './render/value-words.ts'
import type { Change, Repair } from './why-not.ts'
import type { AxisValue } from './why-not-values.ts'
import { writtenConstraint } from './written.ts'

/** Changes that permit together; of each the values any one of which will do while the others are as they are. */
export interface RepairTold {
  readonly text: string
  readonly changes: readonly ChangeTold[]
}

export interface ChangeTold {
  readonly path: string
  /** Which fact: `now`, `country`, `known:count`, `duty:…`, `action`. */
  readonly fact: string
  readonly values: readonly AxisValue[]
  readonly text: string
}

interface Phrases {
  readonly whole: string
  readonly and: string
  readonly or: string
  readonly were: string
  readonly holds: string
  readonly fails: string
  readonly at: string
  readonly duty: string
  readonly action: string
  readonly order: Readonly<Record<OrderOperator, string>>
}

// prettier-ignore
const PHRASES: Readonly<Record<Language, Phrases>> = {
  en: {
    whole: 'would permit if {changes}', and: ' and ', or: ' or ',
    were: '{left} were {right}', holds: '“{constraint}” held', fails: '“{constraint}” did not hold',
    at: 'this were at {time}', duty: 'the duty {duty} were fulfilled', action: 'the action were {action}',
    order: {
      lt: 'this were before {time}', lteq: 'this were no later than {time}', gt: 'this were after {time}',
      gteq: 'this were no earlier than {time}', eq: 'this were exactly at {time}', neq: 'this were not exactly at {time}',
    },
  },
  zh: {
    whole: '如果{changes}，则会允许', and: '，且', or: '或',
    were: '{left}为{right}', holds: '“{constraint}”成立', fails: '“{constraint}”不成立',
    at: '时间为{time}', duty: '已履行“{duty}”义务', action: '动作为“{action}”',
    order: {
      lt: '时间早于{time}', lteq: '时间不晚于{time}', gt: '时间晚于{time}',
      gteq: '时间不早于{time}', eq: '时间恰为{time}', neq: '时间不恰为{time}',
    },
  },
}

// prettier-ignore
const OPPOSITE: Readonly<Record<OrderOperator, OrderOperator>> = {
  lt: 'gteq', gteq: 'lt', lteq: 'gt', gt: 'lteq', eq: 'neq', neq: 'eq',
}

/** @param facts those that the request had */
export function repairsTold(repairs: readonly Repair[], facts: Facts, speech: Speech): readonly RepairTold[] {
  const say = PHRASES[speech.language]
  return [...grouped(repairs)].map(([base, ...alike]) => {
    const changes = base.map((change, index) => {
      const others = alike.filter((repair) => differsOnlyAt(index, base, repair)).map((repair) => repair[index])
      const values = [change, ...others].flatMap((each) => (each === undefined ? [] : [each.value]))
      return {
        path: change.path,
        fact: change.axis,
        values: change.isNamed ? values : [change.value],
        text: changeWords(change, values, facts, speech),
      }
    })
    const told = [...new Set(changes.map(({ text }) => text))].join(say.and)
    return { text: filled(say.whole, { changes: told }), changes }
  })
}

/** Those that change the same facts, where the values have names; where they have none, the first stands for all. */
function grouped(repairs: readonly Repair[]): Iterable<readonly [Repair, ...Repair[]]> {
  const groups = new Map<string, [Repair, ...Repair[]]>()
  for (const repair of repairs) {
    const key = repair.map(({ axis, path, isNamed }) => (isNamed ? axis : `${axis} ${path}`)).join('\n')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [repair])
    else group.push(repair)
  }
  return groups.values()
}

function differsOnlyAt(index: number, base: Repair, other: Repair): boolean {
  return base.every((change, at) => {
    const same = JSON.stringify(change.value) === JSON.stringify(other[at]?.value)
    return at === index ? !same && other[at]?.isNamed === true : same
  })
}

function changeWords(change: Change, values: readonly AxisValue[], facts: Facts, speech: Speech): string {
  const { about, axis, value, isNamed } = change
  const { language } = speech
  const say = PHRASES[language]
  if (about.kind === 'action') {
    return filled(say.action, { action: values.map((each) => actionWords(String(each), language)).join(say.or) })
  }
  if (about.kind === 'duty') {
    const conditions = about.constraints.map((each) => constraintWords(written(each), speech).text)
    const more = conditions.length === 0 ? '' : bracketed(conditions.join(say.and), language)
    const action = language === 'en' ? about.action : actionWords(about.action, language)
    return filled(say.duty, { duty: `${action}${more}` })
  }
  const { constraint, holds } = about
  if (axis === 'now') return timeWords(constraint, holds, value as Instant, facts, speech)
  if (!isNamed) {
    const template = holds ? say.holds : say.fails
    return filled(template, { constraint: constraintWords(written(constraint), speech).text })
  }
  const named = values.map((each) => (typeof each === 'string' ? wordsOf(each, constraint, speech) : String(each)))
  return filled(say.were, { left: constraint.about.label[language] || constraint.left, right: named.join(say.or) })
}

/** A bound that the policy names says more than an instant beyond it. */
function timeWords(constraint: CompiledAtomic, holds: boolean, at: Instant, facts: Facts, speech: Speech): string {
  const say = PHRASES[speech.language]
  const isClock = constraint.left === 'dateTime' || constraint.left === 'elapsedTime'
  if (constraint.kind !== 'ordered' || !isClock || isReference(constraint.right))
    return filled(say.at, { time: timeOf(at, speech) })
  const bound = boundOf(constraint, constraint.right, facts.agreedAt)
  const operator = holds ? constraint.operator : OPPOSITE[constraint.operator]
  return filled(say.order[operator], { time: timeOf((bound ?? at) as Instant, speech) })
}

function timeOf(at: Instant, speech: Speech): string {
  return instantWords(toIso(at), speech) ?? toIso(at)
}

function wordsOf(value: string, { about, left }: CompiledAtomic, speech: Speech): string {
  return valueWords(value, about.type, left, null, speech)
}

function written(constraint: CompiledAtomic): AtomicConstraint {
  return writtenConstraint(constraint) as AtomicConstraint
}

/** Where no change of facts was found. */
export const NO_REPAIR: Words = {
  en: 'no change of facts that was tried would permit',
  zh: '所尝试的任何事实变更都不会使其获得允许',
}
/** Where the search came to its bound. */
export const CUT: Words = {
  en: 'the search was cut: there may be others',
  zh: '搜索已达上限：可能还有其他变更',
}
