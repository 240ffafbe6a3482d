// The text of one policy file as a value, with a way back from a place in the value to a line and a column.

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import { shortKey } from '../../protocol/odrl/json-ld.ts'
import { LOGICAL_OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import type { Finding } from '../finding.ts'
import { syntaxMistakes } from './syntax.ts'

/** One file of the policies folder. */
export interface PolicyFile {
  /** Below the policies folder, with `/`. */
  readonly path: string
  readonly text: string
}

export interface Spot {
  readonly line: number
  readonly column: number
  /** What stands there, if it is a single word. */
  readonly text: string | null
}

export interface Source {
  readonly value: unknown
  /** Where `permission[0].constraint[1].operator` stands; the nearest thing around it if it is missing. */
  readonly spotOf: (path: string, on?: 'value' | 'key') => Spot
  /** The same by steps, where keys may hold any character. */
  readonly spotAt: (steps: readonly (string | number)[], on?: 'value' | 'key') => Spot
  /** Numbers that are read as something else than what is written, as 10.00 is read as 10. */
  readonly oddNumbers: () => readonly OddNumber[]
  readonly findings: readonly Finding[]
}

export interface OddNumber {
  readonly line: number
  readonly column: number
  readonly written: string
  readonly read: string
}

/** An offer file is a page or two. */
export const POLICY_FILE_CHARS_MAX = 262_144

/** What aliases may blow a file up to, in nodes for each anchor. */
const ALIASES_MAX = 100

/** What some editors put before the text of a file is none of it. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

export function isJson({ path }: PolicyFile): boolean {
  return /\.json(?:ld)?$/.test(path)
}

/** Reads YAML 1.2 (core schema: dates and `NO` stay strings) or JSON. Gives every mistake of the syntax, or the value. */
export function parseSource(file: PolicyFile): Source {
  if (file.text.length > POLICY_FILE_CHARS_MAX) {
    const message = `a policy file has at most ${String(POLICY_FILE_CHARS_MAX)} characters`
    return broken([{ file: file.path, line: 1, column: 1, code: 'over-limit', message }])
  }
  const text = withoutMark(file.text)
  const lines = new LineCounter()
  const document = parseDocument(text, { version: '1.2', schema: 'core', lineCounter: lines, prettyErrors: false })
  const findings = syntaxMistakes(text, document, isJson(file)).map(({ offset, ...words }): Finding => {
    const { line, col } = lines.linePos(offset)
    return { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1), code: 'syntax', ...words }
  })
  if (findings.length > 0) return broken(findings)
  try {
    const value: unknown = isJson(file) ? JSON.parse(text) : document.toJS({ maxAliasCount: ALIASES_MAX })
    return {
      value,
      spotOf: (path, on = 'value') => spotAt(document, lines, stepsOf(path), on),
      spotAt: (steps, on = 'value') => spotAt(document, lines, steps, on),
      oddNumbers: () => oddNumbers(document, lines),
      findings: [],
    }
  } catch {
    // The one thing that `toJS` refuses in a document without mistakes.
    const message = `the aliases make more of this file than ${String(ALIASES_MAX)} copies of anything: write it out`
    const zh = `别名展开后内容过多（同一内容最多 ${String(ALIASES_MAX)} 份）：请直接写出`
    return broken([{ file: file.path, line: 1, column: 1, code: 'syntax', message, zh }])
  }
}

function broken(findings: readonly Finding[]): Source {
  const spot = (): Spot => ({ line: 1, column: 1, text: null })
  return { value: null, spotOf: spot, spotAt: spot, oddNumbers: () => [], findings }
}

function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? (key ?? '') : Number(index),
  )
}

function spotAt(
  document: Document.Parsed,
  lines: LineCounter,
  steps: readonly (string | number)[],
  on: 'value' | 'key',
): Spot {
  let node: Node | null = document.contents
  let shown = node
  for (const step of steps) {
    if (isAlias(node)) node = node.resolve(document) ?? null
    // A list of one may be written as the thing itself.
    if (typeof step === 'number' && !isSeq(node)) continue
    const found = isSeq(node) ? findItem(node.items[Number(step)]) : findMember(node, String(step))
    if (found === null) break
    node = found.value
    shown = on === 'key' ? (found.key ?? node) : node
    if (node === null) {
      shown = found.key ?? shown
      break
    }
  }
  const { line, col } = lines.linePos(shown?.range?.[0] ?? 0)
  return { line: Math.max(line, 1), column: Math.max(col, 1), text: isScalar(shown) ? String(shown.value) : null }
}

interface Found {
  readonly key: Node | null
  readonly value: Node | null
}

function findItem(value: unknown): Found | null {
  const node = asNode(value)
  return node === null ? null : { key: null, value: node }
}

/** A member by its short name; in `count: { lteq: 2 }` also those that it is short for. */
function findMember(node: Node | null, name: string): Found | null {
  if (!isMap(node)) return null
  const members = node.items.map(({ key, value }) => ({ key: asNode(key), value: asNode(value) }))
  const member =
    members.find(({ key }) => isScalar(key) && String(key.value) === name) ??
    members.find(({ key }) => isScalar(key) && shortKey(String(key.value)) === name)
  if (member !== undefined) return member

  const [only, ...more] = members
  if (only === undefined || more.length > 0 || isLogical(only.key)) return null
  // prettier-ignore
  switch (name) {
    case 'leftOperand':  return { key: only.key, value: only.key }
    case 'operator':     return firstMember(only.value, ({ key }) => ({ key, value: key }))
    case 'rightOperand': return firstMember(only.value, (found) => found)
    case 'unit':         return findMember(only.value, 'unit') ?? only
    default:             return null
  }
}

/** The operator and its value, wherever they stand among what may stand beside them. */
function firstMember(node: Node | null, pick: (found: Found) => Found): Found | null {
  const items = isMap(node) ? node.items : []
  const first = items.find(({ key }) => !isScalar(key) || !['unit', 'dataType'].includes(String(key.value))) ?? items[0]
  return first === undefined ? null : pick({ key: asNode(first.key), value: asNode(first.value) })
}

function isLogical(key: Node | null): boolean {
  return isScalar(key) && (LOGICAL_OPERATORS as readonly string[]).includes(String(key.value))
}

function oddNumbers(document: Document.Parsed, lines: LineCounter): readonly OddNumber[] {
  const odd: OddNumber[] = []
  visit(document, {
    Scalar: (key, { value, source, range }) => {
      if (key === 'key' || typeof value !== 'number' || source === undefined || source === String(value)) return
      const { line, col } = lines.linePos(range?.[0] ?? 0)
      odd.push({ line, column: col, written: source, read: String(value) })
    },
  })
  return odd
}

function asNode(item: unknown): Node | null {
  return isScalar(item) || isMap(item) || isSeq(item) || isAlias(item) ? item : null
}
