// One file of tests: which policy it is about, and cases with what is known and what must come of it.

import type { Json } from '../../kernel/canonical-json.ts'
import { nearest } from '../../kernel/nearest.ts'
import { currentAction, ACTIONS } from '../../protocol/odrl/actions.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'
import type { Instant } from '../../kernel/time.ts'
import { member } from '../../protocol/odrl/path.ts'
import { canonicalAction } from '../../protocol/odrl/vocabulary.ts'
import type { Context } from './context.ts'
import { findTemplate, type ContentOf, type FoundTemplate } from './file-read.ts'
import { hasForm } from './form.ts'
import { unreadable } from './given-value.ts'
import { didYouMean } from './house-form.ts'
import { instantiate } from './made-from.ts'
import { readValues } from './parameters.ts'
import type { PolicyCase, PolicyTests, Template, TestSubject } from './policy-set.ts'
import { isNamedHere } from './regions.ts'
import type { Report } from './report.ts'
import type { Source } from './source.ts'

const SUBJECTS = ['offer', 'guardrail', 'template', 'policy'] as const

/** What the schema has checked. */
interface Written {
  readonly offer?: string
  readonly guardrail?: string
  readonly template?: string
  readonly policy?: string
  readonly with?: Readonly<Record<string, Json>>
  readonly cases: readonly WrittenCase[]
}

type WrittenCase = Partial<Omit<PolicyCase, 'at' | 'given'>> &
  Pick<PolicyCase, 'name' | 'expect'> & { readonly at?: string; readonly given?: WrittenFacts }

interface WrittenFacts {
  readonly participant?: string
  readonly agreedAt?: string
  readonly used?: number
  readonly duties?: PolicyCase['given']['duties']
  readonly [operand: string]: Json | undefined
}

export interface TestsRead {
  readonly content: ContentOf<'test'> | null
  /** The template that the tests are about; null where they are about something else. */
  readonly template: { readonly id: string; readonly found: FoundTemplate } | null
}

export function readTests(source: Source, file: string, context: Context, report: Report): TestsRead {
  if (!hasForm('test', source, file, report)) return { content: null, template: null }
  const written = source.value as Written
  const about = readSubject(written, report)
  const cases = written.cases.map((each, index) => readCase(each, `cases[${String(index)}]`, report))
  if (about === null) return { content: null, template: null }
  const tests: PolicyTests = { about, cases, file }
  const content = { kind: 'test', at: report.at(about.kind), tests } as const
  if (about.kind !== 'template') return { content, template: null }
  const found = findTemplate(about.id, context)
  // Whether it is there is looked at with the whole folder.
  if (found !== undefined && found !== 'broken') checkValues(about.with, found, context, report)
  return { content, template: { id: about.id, found } }
}

/** What cannot be instantiated cannot be tested. */
function checkValues(
  given: Readonly<Record<string, Json>>,
  template: Template,
  context: Context,
  report: Report,
): void {
  const { values, complaints } = readValues(given, template.parameters, (name) => isNamedHere(name, context.vocab))
  for (const { path, ...complaint } of complaints) {
    report.complain({ ...complaint, code: 'template-param', path: path === '' ? 'with' : member('with', path) })
  }
  if (complaints.length > 0) return
  const { complaints: ofForm, problems } = instantiate(template, values, context)
  for (const { message } of [...ofForm, ...problems]) {
    const sentence = `with these values the template makes no policy: ${message}`
    report.complain({ path: 'with', on: 'key', code: 'template-param', message: sentence })
  }
}

function readSubject(written: Written, report: Report): TestSubject | null {
  const [kind, another] = SUBJECTS.filter((key) => written[key] !== undefined)
  if (kind === undefined || another !== undefined) {
    const message = `expected one of ${SUBJECTS.join(', ')} to test, came ${kind === undefined ? 'none' : `${kind} and ${another ?? ''}`}`
    report.complain({ path: another ?? '', on: 'key', code: 'form', message })
    return null
  }
  const name = written[kind] ?? ''
  if (written.with !== undefined && kind !== 'template')
    report.complain({ path: 'with', on: 'key', code: 'form', message: 'values are for a `template`' })
  // prettier-ignore
  switch (kind) {
    case 'template': return { kind, id: name, with: written.with ?? {} }
    case 'policy':   return { kind, path: name }
    default:         return { kind, id: name }
  }
}

function readCase(
  { name, phase, at, action = 'use', given = {}, expect, reasons, deferred }: WrittenCase,
  path: string,
  report: Report,
): PolicyCase {
  const instantAt = (key: string, text: string | undefined): Instant | null => {
    const instant = text === undefined ? null : parseInstant(text)
    if (text !== undefined && instant === null) {
      const message = `expected a date and time with a zone, came ${text}`
      report.complain({ path: `${path}.${key}`, on: 'value', code: 'datetime-lexical', message })
    }
    return instant
  }
  if (canonicalAction(action) === null) {
    const meant = nearest(
      action,
      ACTIONS.filter((each) => currentAction(each) !== null),
    )
    const message = `the action \`${action}\` is not known here`
    report.complain({
      path: `${path}.action`,
      on: 'value',
      code: 'unknown-action',
      message,
      ...(meant !== undefined && { hint: didYouMean(meant) }),
    })
  }
  const { participant, agreedAt, used, duties, ...known } = given
  for (const [left, value] of Object.entries(known)) {
    const wrong = unreadable(left, factOf(value ?? ''))
    if (wrong === null) continue
    const message = `expected ${wrong.expected}, came ${JSON.stringify(wrong.came)}`
    report.complain({ path: `${path}.given.${left}`, on: 'value', code: 'value-type', message })
  }
  const { line, column } = report.at(path)
  return {
    name,
    phase: phase ?? 'start',
    at: instantAt('at', at),
    action,
    given: {
      participant: participant ?? null,
      agreedAt: instantAt('given.agreedAt', agreedAt),
      used: used ?? null,
      duties: duties ?? {},
      known: Object.fromEntries(Object.entries(known).map(([operand, value]) => [operand, factOf(value ?? '')])),
    },
    expect,
    reasons: reasons ?? [],
    deferred: deferred ?? [],
    line,
    column,
  }
}

function factOf(value: Json): string | readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : textOf(value)
}

/** The schema lets nothing else through. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
