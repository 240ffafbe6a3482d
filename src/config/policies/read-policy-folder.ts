// All policy files into what they say together: every mistake of every file at once, or everything that is to be in force.

import { digestOf, sha256Hex } from '../../kernel/digest.ts'
import { isMistake, sortFindings, type Finding } from '../finding.ts'
import { findingAt } from './codes.ts'
import type { Context } from './context.ts'
import { DEFAULTS } from './defaults-file.ts'
import { isCurrent, type FileRead } from './file-read.ts'
import { contentsOf, findDuplicates, findUntested, withParents } from './link.ts'
import { NO_VOCAB, type PolicySet } from './policy-set.ts'
import { kindOf, readFile, type FileKind } from './read-file.ts'
import type { PolicyFile } from './source.ts'
import { vocabOf } from './vocab-file.ts'

/** What files said when they were read last, by path and digest. Whatever is not current is read again. */
export type Remembered = ReadonlyMap<string, FileRead>

export interface Reading {
  readonly set: PolicySet
  /** For the next time. */
  readonly remembered: Remembered
}

/** Files are read one after the other: what was remembered costs next to nothing, and a file that is new some milliseconds. */
export type Step = 'remembered' | 'read'

/** Pure: the files come from `readPolicyFiles`. */
export function readPolicyFolder(files: readonly PolicyFile[]): PolicySet {
  const reading = readInSteps(files, new Map())
  for (;;) {
    const step = reading.next()
    if (step.done === true) return step.value.set
  }
}

/** The same, step by step, for whoever has something else to do in between. */
export function* readInSteps(files: readonly PolicyFile[], known: Remembered): Generator<Step, Reading> {
  const sorted = files
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map((file) => ({ file, kind: kindOf(file) }))
  const remembered = new Map<string, FileRead>()
  const reads: FileRead[] = []

  function* readAll(kinds: readonly FileKind[], context: Context): Generator<Step> {
    for (const { file } of sorted.filter(({ kind }) => kinds.includes(kind))) {
      const key = `${digestOf(file.text)} ${file.path}`
      const before = known.get(key)
      const isKept = before !== undefined && isCurrent(before, context)
      const read = isKept ? before : readFile(file, context)
      reads.push(read)
      remembered.set(key, read)
      yield isKept ? 'remembered' : 'read'
    }
  }

  yield* readAll(['defaults', 'vocab'], FIRST)
  const shared = sharedBy(reads)
  yield* readAll(['template'], shared)
  const context = { ...shared, ...templatesIn(reads) }
  yield* readAll(['offer', 'guardrail', 'test'], context)
  return { set: setOf(reads, context), remembered }
}

function templatesIn(reads: readonly FileRead[]): Pick<Context, 'templates' | 'broken'> {
  const good = contentsOf('template', wellFormed(reads)).map(({ template }) => template)
  const templates = new Map(good.map((template) => [template.id, template]))
  const ofTemplates = reads.filter(({ file }) => kindOf({ path: file }) === 'template')
  return { templates, broken: new Set(ofTemplates.flatMap(({ id }) => (id === null || templates.has(id) ? [] : [id]))) }
}

const FIRST: Context = { vocab: NO_VOCAB, defaults: DEFAULTS, templates: new Map(), broken: new Set(), print: '' }

/** The context without templates. */
function sharedBy(reads: readonly FileRead[]): Context {
  const contents = reads.flatMap(({ content }) => content ?? [])
  const vocab = vocabOf(contents.flatMap((each) => (each.kind === 'vocab' ? [each.part] : [])))
  const defaults = contents.find((each) => each.kind === 'defaults')?.defaults ?? DEFAULTS
  return {
    vocab,
    defaults,
    templates: new Map(),
    broken: new Set(),
    print: sha256Hex(JSON.stringify([vocab, defaults])),
  }
}

/** Ids of what has mistakes: who names them has none because of that. */
function brokenOf(kind: FileKind, reads: readonly FileRead[]): ReadonlySet<string> {
  const wrong = reads.filter(({ file, findings }) => kindOf({ path: file }) === kind && findings.some(isMistake))
  return new Set(wrong.flatMap(({ id }) => id ?? []))
}

function wellFormed(reads: readonly FileRead[]): readonly FileRead[] {
  return reads.filter(({ findings }) => !findings.some(isMistake))
}

function setOf(reads: readonly FileRead[], { vocab, defaults }: Context): PolicySet {
  const good = wellFormed(reads)
  const offers = contentsOf('offer', good)
  const guardrails = contentsOf('guardrail', good)
  const templates = contentsOf('template', good)
  const { definitions, findings: ofParents } = withParents(offers, brokenOf('offer', reads))
  const findings: readonly Finding[] = sortFindings([
    ...reads.flatMap((read) => read.findings),
    ...findDuplicates(
      'offer',
      offers.map(({ draft, at }) => ({ id: draft.definition.id, at })),
    ),
    ...findDuplicates(
      'guardrail',
      guardrails.map(({ guardrail, at }) => ({ id: guardrail.id, at })),
    ),
    ...findDuplicates(
      'template',
      templates.map(({ template, at }) => ({ id: template.id, at })),
    ),
    ...twice(reads),
    ...ofParents,
    ...findUntested(good, reads),
    ...tooMany('offers', offers.length, defaults.limits.offersMax),
    ...tooMany('tests', casesIn(good), CASES_MAX),
  ])
  const later = good.flatMap((read) => read.later)
  if (findings.some(isMistake)) {
    return {
      offers: [],
      metadata: new Map(),
      guardrails: [],
      templates: [],
      vocab: NO_VOCAB,
      tests: [],
      defaults,
      findings,
      later,
    }
  }
  return {
    offers: definitions,
    metadata: new Map(
      offers.flatMap(({ draft: { definition, metadata } }) =>
        metadata === null ? [] : [[definition.id, metadata] as const],
      ),
    ),
    guardrails: guardrails.map(({ guardrail }) => guardrail),
    templates: templates.map(({ template }) => template),
    vocab,
    tests: contentsOf('test', good).map(({ tests }) => tests),
    defaults,
    findings,
    later,
  }
}

/** `vocab/regions.yaml` beside `vocab/regions.json`: only one of them would count. */
function twice(reads: readonly FileRead[]): readonly Finding[] {
  const named = reads.filter(({ file }) => /^(?:vocab\/|defaults\.)/.test(file))
  return findDuplicates(
    'file',
    named.map(({ file }) => ({ id: file.replace(/\.[a-z]+$/, ''), at: { file, line: 1, column: 1 } })),
  )
}

/** Cases in all files of tests together: they are run before the folder comes into force. */
const CASES_MAX = 10_000

function casesIn(reads: readonly FileRead[]): number {
  return contentsOf('test', reads).reduce((sum, { tests }) => sum + tests.cases.length, 0)
}

function tooMany(folder: 'offers' | 'tests', came: number, most: number): readonly Finding[] {
  if (came <= most) return []
  const what = folder === 'tests' ? 'cases of tests' : folder
  const message = `at most ${String(most)} ${what}, came ${String(came)}`
  return [findingAt({ file: folder, line: 1, column: 1 }, 'over-limit', message)]
}
