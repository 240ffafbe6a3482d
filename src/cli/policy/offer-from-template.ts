// The text of an offer that is made from a template: what was chosen, and what could be, with words for each in one language.

import { expects, type Parameter, type ParameterValue } from '../../config/policies/parameters.ts'
import type { Template } from '../../config/policies/policy-set.ts'
import type { Language } from './excerpt.ts'

export interface NewOffer {
  readonly id: string
  readonly datasets: readonly string[]
  readonly template: Template
  /** Values for parameters by name; the others keep their defaults. */
  readonly given: Readonly<Record<string, ParameterValue>>
  readonly language: Language
}

// prettier-ignore
const WORDS = {
  en: {
    madeFrom: 'Made from the template ', reviewed: 'last reviewed', reviewBy: 'to be reviewed by', default: 'default',
    datasets: 'Ids of datasets, globs (* stands for anything), or { property: value }.', example: 'Put your own here.',
    parameters: 'Take away the # to set a parameter; as they stand here they hold anyway.', sep: ', ',
  },
  zh: {
    madeFrom: '由模板生成：', reviewed: '最近复核', reviewBy: '下次复核不晚于', default: '默认',
    datasets: '数据集标识、通配符（* 代表任意内容）或 { 属性: 值 }。', example: '请换成自己的数据集。',
    parameters: '去掉 # 即可设置参数；不设置时按所列默认值执行。', sep: '，',
  },
} as const

const EXAMPLE = 'urn:dataset:example:*'

export function offerText({ id, datasets, template, given, language }: NewOffer): string {
  const words = WORDS[language]
  const version = template.version === null ? '' : ` ${template.version}`
  const named = Object.entries(template.parameters)
  const set = named.filter(([name]) => Object.hasOwn(given, name))
  const open = named.filter(([name]) => !Object.hasOwn(given, name))
  const lines = [
    '# yaml-language-server: $schema=../../config/policy-schemas/offer.schema.json',
    ...comments([
      `${words.madeFrom}${template.id}${version}`,
      template.description[language] ?? '',
      careOf(template, language),
    ]),
    '',
    `offer: ${scalar(id)}`,
    ...textLines('title', template.title),
    '',
    ...comments([words.datasets, datasets.length === 0 ? words.example : '']),
    'datasets:',
    ...(datasets.length === 0 ? [EXAMPLE] : datasets).map((dataset) => `  - ${scalar(dataset)}`),
    '',
    `template: ${scalar(template.id)}`,
    ...(named.length === 0 ? [] : [set.length === 0 ? '# with:' : 'with:']),
    ...set.flatMap(([name, parameter]) => [
      `  # ${about(name, parameter, language)}`,
      `  ${name}: ${value(given[name] ?? '')}`,
    ]),
    ...(open.length === 0 ? [] : [`  # ${words.parameters}`]),
    ...open.flatMap(([name, parameter]) => [
      `  # ${about(name, parameter, language)}`,
      `  # ${name}: ${value(parameter.default ?? '')}`,
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function careOf({ disclaimer, lastReviewed, reviewBy }: Template, language: Language): string {
  const words = WORDS[language]
  const dates = [
    ...(lastReviewed === null ? [] : [`${words.reviewed} ${lastReviewed}`]),
    ...(reviewBy === null ? [] : [`${words.reviewBy} ${reviewBy}`]),
  ]
  const review =
    dates.length === 0 ? '' : language === 'zh' ? `（${dates.join(words.sep)}）` : ` (${dates.join(words.sep)})`
  return `${disclaimer[language] ?? ''}${review}`.trim()
}

/** `Most rounds (compute-federated: a whole number, at least 1; default 50)`. */
function about(name: string, parameter: Parameter, language: Language): string {
  const title = parameter.title[language] ?? name
  const fallback = parameter.default === null ? '' : `; ${WORDS[language].default} ${value(parameter.default)}`
  const detail = language === 'zh' ? typeIn(parameter) : expects(parameter)
  return `${title} (${detail}${fallback})`
}

/** What a parameter takes where there is no sentence for it: its type and what it may be, as they are written in the template. */
function typeIn({ type, isList, oneOf, min, max }: Parameter): string {
  const bounds = [...(min === null ? [] : [`≥ ${min}`]), ...(max === null ? [] : [`≤ ${max}`])]
  const choice = oneOf.length === 0 ? [] : [oneOf.join(' | ')]
  return [isList ? `list-of-${type}` : type, ...choice, ...bounds].join(', ')
}

function comments(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line !== '').map((line) => `# ${line}`)
}

function textLines(key: string, texts: Readonly<Record<string, string>>): readonly string[] {
  const entries = Object.entries(texts)
  return entries.length === 0 ? [] : [`${key}:`, ...entries.map(([language, text]) => `  ${language}: ${scalar(text)}`)]
}

function value(written: ParameterValue): string {
  return typeof written === 'string' ? scalar(written) : `[${written.map(scalar).join(', ')}]`
}

/** Plain where it is read as this text; else in quotes. A whole number is the same text again. */
function scalar(text: string): string {
  const isNumber = /^[-+.\d][\d_.eE+-]*$/.test(text) || /^0[xo]/.test(text)
  const isWord = /^(?:true|false|null|~|yes|no|on|off)$/i.test(text)
  const isOpen = /^[-?:!&*|>%@`#'"\s]|[,[\]{}]|:\s|\s#|[:\s]$|[\r\n\t]/.test(text) || text === ''
  const isWhole = /^(?:0|[1-9]\d{0,14})$/.test(text)
  if (isWhole || !(isNumber || isWord || isOpen)) return text
  return /[\r\n\t]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`
}
