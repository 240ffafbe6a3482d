// `lingqu policy new`: an offer file from a template, read as `policy check` reads it before it is written.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findingLine, isMistake, type Finding } from '../../config/finding.ts'
import { expects, readValues, type ParameterValues } from '../../config/policies/parameters.ts'
import type { PolicySet, Template } from '../../config/policies/policy-set.ts'
import { readPolicyFolder } from '../../config/policies/read-policy-folder.ts'
import { isNamedHere } from '../../config/policies/regions.ts'
import { nearest } from '../../kernel/nearest.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { columns } from '../columns.ts'
import { done, UsageError, type Command, type Outcome } from '../outcome.ts'
import { languageOf } from './check.ts'
import type { Language } from './excerpt.ts'
import { selectPolicies, type Selection } from './folder.ts'
import { reasonOf } from './named-file.ts'
import { offerText } from './offer-from-template.ts'

const HINT = '`lingqu policy new --list` lists the templates'

export const newOffer: Command = async (invocation, { env }) => {
  const { positionals, text, texts, flag } = invocation
  const [name, more] = positionals
  if (more !== undefined) throw new UsageError('`policy new` takes one template', HINT)
  const folder = text('policies')
  const [selection] = await selectPolicies(folder === undefined ? [] : [folder], env)
  if (selection === undefined) throw new UsageError('there is no policies folder', HINT)
  const set = readWell(selection)
  const language = languageOf(invocation) ?? set.defaults.language
  if (name === undefined || flag('list')) return listOf(set.templates, language)

  const template = templateNamed(name, set)
  const values = givenValues(texts('with'), template, set)
  const id = idOf(text('id') ?? template.id, set)
  const written = offerText({ id, datasets: texts('dataset'), template, given: values, language })
  const warnings = checked(written, id, selection)
  const out = text('out') ?? join(selection.root, 'offers', `${fileName(id)}.yaml`)
  const json = {
    offer: id,
    template: template.id,
    with: values,
    file: out === '-' ? null : out,
    text: written,
    warnings,
  }
  if (out === '-') return done(json, written.trimEnd())
  await writeNew(out, written)
  return done(json, [out, ...warnings.map(findingLine)].join('\n'))
}

/** Throws `policy.invalid` with every mistake that is there already: nothing can be said of one more file among them. */
function readWell({ root, files }: Selection): PolicySet {
  const set = readPolicyFolder(files)
  refuseMistakes(set.findings, (file) => join(root, file))
  return set
}

function refuseMistakes(findings: readonly Finding[], named: (file: string) => string): void {
  const mistakes = findings.filter(isMistake).map((each) => findingLine({ ...each, file: named(each.file) }))
  if (mistakes.length > 0) throw new ProblemError(problem('policy.invalid', mistakes.join('\n')))
}

function templateNamed(name: string, { templates }: PolicySet): Template {
  const template = templates.find(({ id }) => id === name)
  if (template !== undefined) return template
  const meant = nearest(
    name,
    templates.map(({ id }) => id),
  )
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`
  throw new UsageError(`there is no template ${JSON.stringify(name)}${hint}`, HINT)
}

/** Throws a UsageError for one that another offer has. */
function idOf(id: string, { offers }: PolicySet): string {
  const other = offers.find((offer) => offer.id === id)
  if (id === '') throw new UsageError('--id: expected a text that is not empty')
  if (other === undefined) return id
  throw new UsageError(`the offer ${id} is there already, in ${other.file}`, 'name another with --id')
}

/** `times=3`, or `networks=10.0.0.0/24,10.1.0.0/24` for a list. Throws a UsageError that names every one that does not fit. */
function givenValues(words: readonly string[], { parameters, id }: Template, { vocab }: PolicySet): ParameterValues {
  const given: Record<string, string | readonly string[]> = {}
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 1) throw new UsageError(`--with ${word}: expected NAME=VALUE`, HINT)
    const [name, value] = [word.slice(0, at), word.slice(at + 1)]
    const isList = Object.hasOwn(parameters, name) && parameters[name]?.isList === true
    given[name] = isList ? value.split(',').map((each) => each.trim()) : value
  }
  const { complaints } = readValues(given, parameters, (name) => isNamedHere(name, vocab))
  const wrong = complaints.map(({ path, message, hint }) => {
    return `${path === '' ? '' : `--with ${path}: `}${message}${hint === undefined ? '' : `; ${hint}`}`
  })
  if (wrong.length > 0) throw new UsageError(`the template ${id}: ${wrong.join('; ')}`, HINT)
  return given
}

/** The warnings about the new file; throws `policy.invalid` with its mistakes. */
function checked(text: string, id: string, { files }: Selection): readonly Finding[] {
  const path = `offers/${fileName(id)}.new.yaml`
  const { findings } = readPolicyFolder([...files, { path, text }])
  const own = findings.filter(({ file, code }) => file === path && code !== 'missing-test')
  refuseMistakes(
    own.filter(isMistake).map((each) => ({ ...each, message: `${each.message}: nothing was written` })),
    (file) => file,
  )
  return own
}

/** What every file system takes. */
function fileName(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'offer'
}

async function writeNew(path: string, text: string): Promise<void> {
  const refused = (cause: unknown): UsageError => new UsageError(`cannot write ${path}: ${reasonOf(cause)}`)
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw refused(cause)
  })
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new UsageError(`${path} is there already`, 'name another with --out, or an --id of its own')
    throw refused(cause)
  }
}

function listOf(templates: readonly Template[], language: Language): Outcome {
  const json = templates.map(({ id, version, title, description, lastReviewed, reviewBy, parameters }) => ({
    ...{ id, version, title, description, lastReviewed, reviewBy },
    parameters: Object.entries(parameters).map(([name, parameter]) => {
      return { name, title: parameter.title, expects: expects(parameter), default: parameter.default }
    }),
  }))
  const rows = templates.map(({ id, title, parameters }) => [
    id,
    title[language] ?? '',
    Object.keys(parameters).join(' '),
  ])
  return done({ templates: json }, columns(rows, 'there are no templates below templates/'))
}
