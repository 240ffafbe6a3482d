// `lingqu policy check`: everything that is wrong with policy files, or probably not meant, with its line. Nothing needs to run.

import { join } from 'node:path'
import { readPolicyFolder } from '../../config/policies/read-policy-folder.ts'
import type { PolicySet } from '../../config/policies/policy-set.ts'
import { withoutMark } from '../../config/policies/source.ts'
import type { Instant } from '../../kernel/time.ts'
import { EXIT, UsageError, type Command, type Invocation } from '../outcome.ts'
import { analysed, type Noted } from './analysed.ts'
import { excerptOf, type Language } from './excerpt.ts'
import { selectPolicies, type Selection } from './folder.ts'
import { sarifOf } from './sarif.ts'

export const check: Command = async (invocation, { env, clock }) => {
  const given = languageOf(invocation)
  const selections = await selectPolicies(invocation.positionals, env)
  const looked = selections.map((selection) => look(selection, clock(), invocation.flag('notes')))
  const language = given ?? looked[0]?.set.defaults.language ?? 'en'
  const findings = looked.flatMap(({ findings: found }) => found)
  const count = (severity: Noted['severity']): number =>
    findings.filter((each) => (each.severity ?? 'error') === severity).length
  const [errors, warnings, notes] = [count('error'), count('warning'), count('info')]
  const files = selections.reduce(
    (sum, selection) => sum + selection.files.filter(({ path }) => selection.isAsked(path)).length,
    0,
  )
  const isBad = errors > 0 || (warnings > 0 && invocation.flag('strict'))
  const exit = isBad ? EXIT.bad : EXIT.good
  if (invocation.flag('sarif')) {
    const sarif = sarifOf(findings, language)
    return { exit, json: sarif, text: JSON.stringify(sarif, null, 2) }
  }
  const json = {
    findings: findings.map((each) => ({ hint: null, severity: 'error', ...each })),
    errors,
    warnings,
    notes,
    files,
  }
  const excerpts = looked.flatMap(({ excerpts: shown }) => shown(language))
  return { exit, json, text: [...excerpts, summary({ errors, warnings, notes, files }, language)].join('\n') }
}

/** Null where it is for the files to say. */
export function languageOf(invocation: Invocation): Language | null {
  const lang = invocation.text('lang')
  if (lang === undefined) return null
  if (lang === 'en' || lang === 'zh') return lang
  throw new UsageError(`expected --lang en or zh, got ${lang}`)
}

interface Looked {
  readonly set: PolicySet
  readonly findings: readonly Noted[]
  readonly excerpts: (language: Language) => readonly string[]
}

function look({ root, files, isAsked }: Selection, now: Instant, withNotes: boolean): Looked {
  const set = readPolicyFolder(files)
  const due = set.later.filter(({ from }) => from <= now).map(({ finding }) => finding)
  const found = inOrder([...set.findings, ...due, ...analysed(set, files, withNotes)]).filter(({ file }) =>
    isAsked(file),
  )
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const shown = (finding: Noted): Noted => ({ ...finding, file: join(root, finding.file) })
  return {
    set,
    findings: found.map(shown),
    excerpts: (language) => {
      const lines = new Map<string, readonly string[]>()
      return found.map((finding) => {
        const { file } = finding
        if (!lines.has(file)) lines.set(file, withoutMark(texts.get(file) ?? '').split(/\r?\n/))
        return `${excerptOf(shown(finding), lines.get(file) ?? [], language)}\n`
      })
    },
  }
}

function inOrder(findings: readonly Noted[]): readonly Noted[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return findings.toSorted((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
}

function summary(
  counts: Readonly<Record<'errors' | 'warnings' | 'notes' | 'files', number>>,
  language: Language,
): string {
  const { errors, warnings, notes, files } = counts
  if (language === 'zh') {
    const ofNotes = notes === 0 ? '' : `；提示 ${String(notes)} 条`
    return `文件 ${String(files)} 个；错误 ${String(errors)} 个；警告 ${String(warnings)} 个${ofNotes}`
  }
  const ofNotes = notes === 0 ? '' : `; notes: ${String(notes)}`
  return `files: ${String(files)}; errors: ${String(errors)}; warnings: ${String(warnings)}${ofNotes}`
}
