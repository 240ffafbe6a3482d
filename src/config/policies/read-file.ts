// One policy file by the kind that its path says, read on its own.

import { nearest } from '../../kernel/nearest.ts'
import { findingAt } from './codes.ts'
import type { Context } from './context.ts'
import { readDefaultsFile } from './defaults-file.ts'
import type { Content, FileRead } from './file-read.ts'
import { readGuardrail, readJsonLdGuardrail } from './guardrail-file.ts'
import { isMapping } from './house-form.ts'
import type { MadeFrom } from './made-from.ts'
import { readJsonLdOffer, readOffer } from './offer-file.ts'
import { reportOn, type Report } from './report.ts'
import { isJson, parseSource, type PolicyFile, type Source } from './source.ts'
import { readTemplate } from './template-file.ts'
import { readTests } from './test-file.ts'
import { readVocabFile, VOCAB_KINDS, type VocabKind } from './vocab-file.ts'

export type FileKind = Content['kind']

/** Where nothing else is said, a file holds an offer, wherever it lies. */
export function kindOf({ path }: Pick<PolicyFile, 'path'>): FileKind {
  if (/^defaults\.(?:ya?ml|json)$/.test(path)) return 'defaults'
  const [folder] = path.split('/')
  // prettier-ignore
  switch (path.includes('/') ? folder : '') {
    case 'vocab':      return 'vocab'
    case 'templates':  return 'template'
    case 'guardrails': return 'guardrail'
    case 'tests':      return 'test'
    default:           return 'offer'
  }
}

export function readFile(file: PolicyFile, context: Context): FileRead {
  const source = parseSource(file)
  const { path } = file
  const bare = {
    file: path,
    id: idIn(kindOf(file), source.value),
    later: [],
    content: null,
    print: context.print,
    template: null,
  }
  if (source.findings.length > 0) return { ...bare, findings: source.findings }
  const report = reportOn(path, source)
  const { content, template } = READERS[kindOf(file)](file, source, context, report)
  for (const { line, column, written, read } of source.oddNumbers()) {
    const message = `${written} is a number, which is read and sent as ${read}`
    const zh = `${written} 是数字，会按 ${read} 读取和发送`
    report.add(
      findingAt({ file: path, line, column }, 'number-on-wire', message, {
        hint: `in quotes it stays: "${written}"`,
        zh,
      }),
    )
  }
  return { ...bare, findings: report.findings, later: report.later, content, template }
}

function idIn(kind: FileKind, value: unknown): string | null {
  const id = isMapping(value) ? (value[kind] ?? value['@id'] ?? value['uid']) : null
  return typeof id === 'string' ? id : null
}

type Outcome = Pick<FileRead, 'content' | 'template'>
type Reader = (file: PolicyFile, source: Source, context: Context, report: Report) => Outcome

const READERS: Readonly<Record<FileKind, Reader>> = {
  offer: (file, { value }, context, report) =>
    isJsonLd(file, value, 'offer')
      ? made(readJsonLdOffer(value, file.path, context, report))
      : made(readOffer(value, file.path, context, report)),
  guardrail: (file, { value }, context, report) =>
    isJsonLd(file, value, 'guardrail')
      ? made(readJsonLdGuardrail(value, file.path, context, report))
      : made(readGuardrail(value, file.path, context, report)),
  template: ({ path }, source, context, report) => plain(readTemplate(source, path, context, report)),
  test: ({ path }, source, context, report) => readTests(source, path, context, report),
  defaults: ({ path }, source, _context, report) => {
    const defaults = readDefaultsFile(source, path, report)
    return plain(defaults === null ? null : { kind: 'defaults', defaults })
  },
  vocab: (file, source, _context, report) => {
    const kind = vocabKindOf(file, report)
    const part = kind === null ? null : readVocabFile(kind, source, file.path, report)
    return plain(part === null ? null : { kind: 'vocab', part })
  },
}

/** JSON may hold the house form too; then its key says so. */
function isJsonLd(file: PolicyFile, value: unknown, key: string): boolean {
  return isJson(file) && !(isMapping(value) && Object.hasOwn(value, key))
}

function plain(content: Content | null): Outcome {
  return { content, template: null }
}

function made({
  content,
  madeFrom,
}: {
  readonly content: Content | null
  readonly madeFrom: MadeFrom | null
}): Outcome {
  return { content, template: madeFrom === null ? null : { id: madeFrom.id, found: madeFrom.template } }
}

/** Null after a complaint. */
function vocabKindOf({ path }: PolicyFile, report: Report): VocabKind | null {
  const name = path.slice('vocab/'.length).replace(/\.(?:ya?ml|json|jsonld)$/, '')
  const kind = VOCAB_KINDS.find((each) => each === name)
  if (kind !== undefined) return kind
  const meant = nearest(name, VOCAB_KINDS)
  const message = `expected one of ${VOCAB_KINDS.join(', ')} below vocab, came ${name}: this file would be without effect`
  report.complain({
    path: '',
    on: 'value',
    code: 'unknown-file',
    message,
    ...(meant !== undefined && { hint: `did you mean \`vocab/${meant}.yaml\`?` }),
  })
  return null
}
