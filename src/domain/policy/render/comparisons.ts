// One sentence for each type and operator, in both languages: `{left}` is what is compared, `{right}` with what. A few operands
// have sentences of their own, where people say it in another way.

import type { Operator } from '../../../protocol/odrl/types.ts'
import type { TypeName } from '../values.ts'
import type { Words } from './language.ts'

type Row = Readonly<Partial<Record<Operator, Words>>>

// prettier-ignore
const INSTANTS: Row = {
  eq:       { zh: '{left}为{right}',               en: '{left}: {right}' },
  neq:      { zh: '{left}不为{right}',             en: '{left}: not {right}' },
  lt:       { zh: '{left}早于{right}',             en: '{left}: before {right}' },
  lteq:     { zh: '{left}不晚于{right}',           en: '{left}: no later than {right}' },
  gt:       { zh: '{left}晚于{right}',             en: '{left}: after {right}' },
  gteq:     { zh: '{left}不早于{right}',           en: '{left}: no earlier than {right}' },
}
// prettier-ignore
const NUMBERS: Row = {
  eq:       { zh: '{left}等于 {right}',            en: '{left}: exactly {right}' },
  neq:      { zh: '{left}不等于 {right}',          en: '{left}: not {right}' },
  lt:       { zh: '{left}少于 {right}',            en: '{left}: less than {right}' },
  lteq:     { zh: '{left}不超过 {right}',          en: '{left}: at most {right}' },
  gt:       { zh: '{left}超过 {right}',            en: '{left}: more than {right}' },
  gteq:     { zh: '{left}不少于 {right}',          en: '{left}: at least {right}' },
}
// prettier-ignore
const THINGS: Row = {
  eq:       { zh: '{left}为{right}',               en: '{left}: {right}' },
  neq:      { zh: '{left}不为{right}',             en: '{left}: not {right}' },
  isA:      { zh: '{left}属于以下类别之一：{right}', en: '{left}: a kind of {right}' },
  hasPart:  { zh: '{left}包含{right}',             en: '{left}: including {right}' },
  isPartOf: { zh: '{left}属于{right}',             en: '{left}: part of {right}' },
  isAllOf:  { zh: '{left}同时包括{right}',         en: '{left}: all of {right}' },
  isAnyOf:  { zh: '{left}为以下之一：{right}',     en: '{left}: one of {right}' },
  isNoneOf: { zh: '{left}不属于以下任何一项：{right}', en: '{left}: none of {right}' },
}
// prettier-ignore
const LOCATED: Row = {
  isPartOf: { zh: '{left}位于{right}',             en: '{left}: within {right}' },
}
// prettier-ignore
const HOURS: Row = {
  eq:       { zh: '{left}为{right}',               en: '{left}: {right}' },
  neq:      { zh: '{left}不在{right}',             en: '{left}: not {right}' },
  isPartOf: { zh: '{left}在以下时段内：{right}',   en: '{left}: within {right}' },
  isAnyOf:  { zh: '{left}在以下时段之一：{right}', en: '{left}: one of {right}' },
  isNoneOf: { zh: '{left}不在以下任何时段：{right}', en: '{left}: none of {right}' },
}

// prettier-ignore
const BY_TYPE: Readonly<Record<TypeName, Row>> = {
  instant:  INSTANTS,
  duration: NUMBERS,
  count:    NUMBERS,
  decimal:  NUMBERS,
  rate:     NUMBERS,
  place:    { ...THINGS, ...LOCATED },
  network:  { ...THINGS, ...LOCATED },
  party:    THINGS,
  term:     THINGS,
  code:     THINGS,
  boolean:  THINGS,
  window:   HOURS,
}

// prettier-ignore
const BY_OPERAND: Readonly<Record<string, Row>> = {
  elapsedTime: {
    eq:   { zh: '协议签订后满 {right}之时',       en: 'exactly {right} after the agreement' },
    lt:   { zh: '协议签订后不满 {right}',          en: 'less than {right} after the agreement' },
    lteq: { zh: '协议签订后 {right}以内',         en: 'within {right} of the agreement' },
  },
  delayPeriod: {
    eq:   { zh: '距上次使用恰为 {right}',          en: 'exactly {right} after the last use' },
    gt:   { zh: '距上次使用超过 {right}',          en: 'more than {right} after the last use' },
    gteq: { zh: '距上次使用不少于 {right}',        en: 'at least {right} after the last use' },
  },
  // The vocabulary has only `eq` for the pause between two uses.
  timeInterval: {
    eq:   { zh: '两次使用之间至少间隔 {right}',    en: 'at least {right} between two uses' },
  },
  count: {
    lteq: { zh: '使用次数不超过 {right} 次',       en: 'at most {right} uses' },
    lt:   { zh: '使用次数少于 {right} 次',         en: 'fewer than {right} uses' },
  },
  'tds:frequency': {
    lteq: { zh: '使用频率不超过{right}',           en: 'frequency of use: at most {right}' },
    lt:   { zh: '使用频率低于{right}',             en: 'frequency of use: less than {right}' },
  },
}

/** For operands that no table has, of which nobody knows the type. */
const BY_NO_TYPE: Row = { ...NUMBERS, ...THINGS }

/** The sentence; null where type and operator do not go together. */
export function comparison(left: string, type: TypeName | null, operator: string): Words | null {
  const rows = [
    Object.hasOwn(BY_OPERAND, left) ? BY_OPERAND[left] : undefined,
    type === null ? BY_NO_TYPE : BY_TYPE[type],
  ]
  for (const row of rows) {
    const words = row !== undefined && Object.hasOwn(row, operator) ? row[operator as Operator] : undefined
    if (words !== undefined) return words
  }
  return null
}
