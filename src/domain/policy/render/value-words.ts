// Values of right operands and facts as people write them: numbers and dates of their language, in one fixed zone.

import { instant } from '../../../kernel/time.ts'
import { parseDuration, parseInstant, type Duration } from '../../../protocol/odrl/lexical.ts'
import { parsePlace } from '../../../protocol/odrl/places.ts'
import { parseRate } from '../../../protocol/odrl/rates.ts'
import { parseRecurrence } from '../../../protocol/odrl/recurrences.ts'
import { parseCount } from '../../../protocol/odrl/lexical.ts'
import { parseDecimal, type TypeName } from '../values.ts'
import { bracketed, MANNERS, type Language, type Words } from './language.ts'
import { codeWords, referenceWords } from './term-words.ts'

/** What is needed beside the value. */
export interface Speech {
  readonly language: Language
  /** An IANA name; absent: that of the language. */
  readonly timeZone?: string
  /** The title of a place, a purpose or a group, where the vocabulary files have one. */
  readonly nameOf?: (term: string, language: Language) => string | null
}

/** One value of the left operand `left`; what is not of the type is printed as it is. */
export function valueWords(text: string, type: TypeName, left: string, unit: string | null, speech: Speech): string {
  return referenceWords(text, speech.language) ?? OF_TYPE[type](text, speech, left, unit) ?? text
}

type Say = (text: string, speech: Speech, left: string, unit: string | null) => string | null

// prettier-ignore
const OF_TYPE: Readonly<Record<TypeName, Say>> = {
  instant:  instantWords,
  duration: (text, { language }) => { const duration = parseDuration(text); return duration && durationWords(duration, language) },
  count:    (text, { language }) => (parseCount(text) === null ? null : numberWords(text, language)),
  decimal:  (text, { language }, _left, unit) => (parseDecimal(text) === null ? null : amountWords(text, unit, language)),
  rate:     rateWords,
  place:    placeWords,
  network:  (text) => text,
  party:    named,
  term:     named,
  code:     (text, { language }, left) => codeWords(left, text, language),
  boolean:  (text, { language }) => BOOLEANS[text]?.[language] ?? null,
  window:   windowWords,
}

const TRUE: Words = { zh: '是', en: 'yes' }
const FALSE: Words = { zh: '否', en: 'no' }
const BOOLEANS: Readonly<Record<string, Words>> = { true: TRUE, 1: TRUE, false: FALSE, 0: FALSE }

/** `2026年12月31日 23:59:59（Asia/Shanghai）`, `31 December 2026, 15:59:59 (UTC)`. */
export function instantWords(text: string, { language, timeZone }: Speech): string | null {
  const at = parseInstant(text)
  if (at === null) return null
  const zone = timeZone ?? MANNERS[language].timeZone
  const part = partsOf(at, zone, language)
  const time = `${part('hour')}:${part('minute')}:${part('second')}`
  const date =
    language === 'zh'
      ? `${part('year')}年${part('month')}月${part('day')}日`
      : `${part('day')} ${part('month')} ${part('year')},`
  return `${date} ${time}${bracketed(zone, language)}`
}

function partsOf(at: number, timeZone: string, language: Language): (type: Intl.DateTimeFormatPartTypes) => string {
  const format = new Intl.DateTimeFormat(MANNERS[language].locale, {
    timeZone,
    year: 'numeric',
    month: language === 'zh' ? 'numeric' : 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const parts = format.formatToParts(instant(at))
  // Some versions of the data say 年 and 月 within the part.
  return (type) => (parts.find((part) => part.type === type)?.value ?? '').replace(/[年月日]$/, '')
}

/** Whether this is the name of a zone that dates can be written in. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const DAY_MS = 86_400_000

// prettier-ignore
const UNITS: readonly (readonly [(duration: Duration) => number, Words])[] = [
  [({ months }) => Math.floor(months / 12),               { zh: '年',   en: 'year' }],
  [({ months }) => months % 12,                           { zh: '个月', en: 'month' }],
  [({ ms }) => Math.floor(ms / DAY_MS),                   { zh: '天',   en: 'day' }],
  [({ ms }) => Math.floor((ms % DAY_MS) / 3_600_000),     { zh: '小时', en: 'hour' }],
  [({ ms }) => Math.floor((ms % 3_600_000) / 60_000),     { zh: '分钟', en: 'minute' }],
  [({ ms }) => (ms % 60_000) / 1000,                      { zh: '秒',   en: 'second' }],
]

/** `P60M` comes out as five years: whoever meant minutes sees it. */
export function durationWords(duration: Duration, language: Language): string {
  const parts = UNITS.flatMap(([amountOf, words]) => {
    const amount = amountOf(duration)
    if (amount === 0) return []
    const plural = language === 'en' && amount !== 1 ? 's' : ''
    return [`${numberWords(String(amount), language)} ${words[language]}${plural}`]
  })
  return parts.length === 0 ? (language === 'zh' ? '0 秒' : '0 seconds') : parts.join(' ')
}

/** With as many decimals as are written. */
function numberWords(text: string, language: Language): string {
  const digits = text.split('.')[1]?.length ?? 0
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(MANNERS[language].locale, options).format(Number(text))
}

function amountWords(text: string, unit: string | null, language: Language): string {
  const number = numberWords(text, language)
  return unit === null ? number : `${number} ${unit.replace(/^.*[/#:]/, '')}`
}

function rateWords(text: string, { language }: Speech): string | null {
  const rate = parseRate(text)
  if (rate === null) return null
  const [uses, period] = [
    numberWords(String(rate.uses), language),
    durationWords({ months: 0, ms: rate.periodMs }, language),
  ]
  return language === 'zh' ? `每 ${period} ${uses} 次` : `${uses} times in ${period}`
}

/** As ISO 3166 calls it, where the data of Intl have another name. */
const PLACES: Readonly<Record<string, Words>> = { TW: { zh: '中国台湾', en: 'Taiwan (Province of China)' } }

function placeWords(text: string, speech: Speech): string {
  const { language } = speech
  const code = parsePlace(text) ?? text
  const name = speech.nameOf?.(text, language) ?? speech.nameOf?.(code, language) ?? countryWords(code, language)
  return name === null ? text : `${name}${bracketed(text, language)}`
}

function countryWords(code: string, language: Language): string | null {
  if (Object.hasOwn(PLACES, code)) return PLACES[code]?.[language] ?? null
  if (!/^[A-Z]{2}$/.test(code)) return null
  return new Intl.DisplayNames([MANNERS[language].locale], { type: 'region', fallback: 'none' }).of(code) ?? null
}

function named(text: string, { language, nameOf }: Speech): string {
  const name = nameOf?.(text, language) ?? null
  return name === null ? text : `${name}${bracketed(text, language)}`
}

// prettier-ignore
const DAYS: Readonly<Record<string, Words>> = {
  Mon: { zh: '周一', en: 'Monday' },   Tue: { zh: '周二', en: 'Tuesday' }, Wed: { zh: '周三', en: 'Wednesday' },
  Thu: { zh: '周四', en: 'Thursday' }, Fri: { zh: '周五', en: 'Friday' },  Sat: { zh: '周六', en: 'Saturday' },
  Sun: { zh: '周日', en: 'Sunday' },
}

function windowWords(text: string, { language }: Speech): string | null {
  if (parseRecurrence(text) === null) return null
  const words = text.split(' ')
  const zone = words.pop() ?? ''
  const hours = (words.pop() ?? '').replace('-', '–')
  const days = (words[0] ?? '')
    .replace(/[A-Z][a-z]{2}/g, (day) => DAYS[day]?.[language] ?? day)
    .replaceAll('-', language === 'zh' ? '至' : ' to ')
    .replaceAll(',', MANNERS[language].between)
  return `${days === '' ? (language === 'zh' ? '每天' : 'every day') : days} ${hours}${bracketed(zone, language)}`
}
