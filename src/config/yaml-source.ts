// A YAML 1.2 text as a value, with the place of every key and value in it.

import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml'
import type { Finding } from './finding.ts'

/** Counted from 1; both 0 where there is no text to point at. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Where a value came from, so that a mistake in it can be shown. */
export interface Source {
  readonly file: string
  /** The place of the key or value under a path of keys and indexes; of the nearest one above it that is there. */
  readonly locate: (path: readonly string[], at: 'key' | 'value') => Place
}

export interface YamlSource extends Source {
  /** `undefined` when the text is not YAML, or empty. */
  readonly value: unknown
  readonly findings: readonly Finding[]
}

const ALIASES_MAX = 100

/** Reads one document. Syntax errors, duplicate keys and unknown tags are findings; their text is never repeated, it may be secret. */
export function readYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const wrong: Finding[] = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    file,
    ...placeOf(lines, pos[0]),
    code: code === 'DUPLICATE_KEY' ? 'config.duplicate-key' : 'config.syntax',
    message: code === 'DUPLICATE_KEY' ? 'this key stands here for the second time' : `not YAML: ${message}`,
  }))

  const locate = (path: readonly string[], at: 'key' | 'value'): Place => {
    return placeOf(lines, offsetOf(document, path, at))
  }
  if (wrong.length > 0) return { file, locate, findings: wrong, value: undefined }
  try {
    // An empty text, or one of comments only, parses to null: it says nothing rather than something wrong.
    const value = (document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown) ?? undefined
    return { file, locate, findings: [], value }
  } catch (cause) {
    // Only aliases fail so late: one that leads nowhere, or some that multiply each other.
    if (!(cause instanceof ReferenceError)) throw cause
    const message = `expected aliases (*name) that lead to an anchor (&name), at most ${ALIASES_MAX} values in all`
    return { file, locate, findings: [{ file, line: 1, column: 1, code: 'config.syntax', message }], value: undefined }
  }
}

function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  // The counter answers 0 for the first line of an empty text.
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function offsetOf(document: Document.Parsed, path: readonly string[], at: 'key' | 'value'): number {
  let node: Node | null | undefined = document.contents
  let offset = node?.range?.[0] ?? 0
  for (const [depth, step] of path.entries()) {
    const found = stepInto(document, node, step)
    if (found === undefined) return offset
    const isLast = depth === path.length - 1
    node = found.value
    offset = (isLast && at === 'key' ? found.key : (found.value ?? found.key))?.range?.[0] ?? offset
  }
  return offset
}

interface Found {
  readonly key: Node | undefined
  readonly value: Node | null | undefined
}

function stepInto(document: Document.Parsed, at: Node | null | undefined, step: string): Found | undefined {
  const node = isAlias(at) ? at.resolve(document) : at
  if (isMap<Node, Node | null>(node)) {
    return node.items
      .filter(({ key }) => isScalar(key) && String(key.value) === step)
      .map(({ key, value }) => ({ key, value }))[0]
  }
  if (isSeq<Node>(node)) {
    const value = node.items[Number(step)]
    return value === undefined ? undefined : { key: value, value }
  }
  return undefined
}
