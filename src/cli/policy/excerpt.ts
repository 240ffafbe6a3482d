// A finding for people: the place, what is wrong, the line with a caret under the place, and what to write instead.

import { codeOf } from '../../config/policies/codes.ts'
import type { Noted } from './analysed.ts'
import { hintInChinese, inChinese } from './chinese.ts'

export type Language = 'en' | 'zh'

/** What is said of a finding beside its place and its code. */
export function messageOf({ code, message, zh }: Noted, language: Language): string {
  if (language === 'en') return message
  if (zh !== undefined) return zh
  const translated = inChinese(message)
  if (translated !== null) return translated
  const general = codeOf(code)?.zh
  // The general sentence says what is wrong in Chinese; what came stands in the message.
  return general === undefined ? message : `${general}：${message}`
}

/** What to write instead. */
export function hintOf({ hint }: Noted, language: Language): string | undefined {
  return hint === undefined || language === 'en' ? hint : hintInChinese(hint)
}

// prettier-ignore
const SEVERITIES = {
  en: { error: 'error', warning: 'warning', info: 'note' },
  zh: { error: '错误',  warning: '警告',    info: '提示' },
} as const

/** @param lines of the file that it is in; empty where they are not known */
export function excerptOf(finding: Noted, lines: readonly string[], language: Language): string {
  const { file, line, column, code, severity = 'error' } = finding
  const place = line === 0 ? file : `${file}:${String(line)}:${String(column)}`
  const head = `${place} ${SEVERITIES[language][severity]} ${code} ${messageOf(finding, language)}`
  const hint = hintOf(finding, language)
  const text = lines[line - 1]
  const margin = ' '.repeat(String(line).length)
  const shown = text === undefined ? null : windowOn(text, column)
  return [
    head,
    ...(shown === null ? [] : [` ${String(line)} | ${shown.text}`, ` ${margin} | ${' '.repeat(shown.before)}^`]),
    ...(hint === undefined ? [] : [` ${margin} = ${hint}`]),
  ].join('\n')
}

const WIDTH_MAX = 110

/** The part of a line around a column, and how many cells of a terminal lie before the column in it. */
function windowOn(text: string, column: number): { readonly text: string; readonly before: number } | null {
  const at = column - 1
  if (text.trim() === '') return null
  const from = at < WIDTH_MAX - 10 ? 0 : at - Math.floor(WIDTH_MAX / 2)
  const to = from + WIDTH_MAX
  const [left, right] = [from > 0 ? '…' : '', to < text.length ? '…' : '']
  // Nothing that stands in a file commands the terminal on which it is shown.
  const shown = (part: string): string => part.replaceAll('\t', ' ').replaceAll(/\p{Cc}/gu, '·')
  return { text: left + shown(text.slice(from, to)) + right, before: widthOf(left + shown(text.slice(from, at))) }
}

/** Characters of East Asia take two cells. */
function widthOf(text: string): number {
  return Array.from(text).reduce(
    (width, character) =>
      width +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
        ? 2
        : 1),
    0,
  )
}
