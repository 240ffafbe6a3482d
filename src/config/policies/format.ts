// A policy file in its one form: keys in order, constraints in the short form, quotes only where they are needed, comments kept.

import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Pair,
  parseDocument,
  Scalar,
  visit,
  YAMLMap,
  type Document,
  type Node,
} from 'yaml'
import { LOGICAL_OPERATORS, shortTerm } from '../../protocol/odrl/vocabulary.ts'
import type { Finding } from '../finding.ts'
import { kindOf } from './read-file.ts'
import { SHAPES, type Shape } from './shapes.ts'
import { isJson, parseSource, type PolicyFile } from './source.ts'

export type Formatted =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly findings: readonly Finding[] }

const LINE_WIDTH = 120
const TIMES_MAX = 5

/** The text of the file in its one form, which is formatted to itself. JSON stays as it is: it has formatters of its own. */
export function formatPolicy(file: PolicyFile): Formatted {
  const { findings } = parseSource(file)
  if (findings.length > 0) return { ok: false, findings }
  if (isJson(file)) return { ok: true, text: file.text }
  // Once written, a comment may belong to another word than before: then it is written once more, until nothing moves.
  let text = file.text
  for (let time = 0; time < TIMES_MAX; time += 1) {
    const next = written({ ...file, text })
    if (next === text) break
    text = next
  }
  return { ok: true, text }
}

function written(file: PolicyFile): string {
  const document = parseDocument(file.text, { version: '1.2', schema: 'core', prettyErrors: false })
  // Put elsewhere, an alias could come before its anchor.
  const mayMove = !hasAliases(document)
  const first = firstKey(document)
  shape(document.contents, SHAPES[kindOf(file)], mayMove)
  if (first !== firstKey(document)) keepOnTop(first, document)
  visit(document, {
    Scalar: (_key, node) => {
      unquote(node)
    },
    Collection: (_key, node, path) => {
      const parent = path.at(-1)
      printFlow(node, isPair(parent) ? nameOf(parent.key).length : 0)
    },
  })
  return document.toString({ lineWidth: 0, indent: 2, singleQuote: true })
}

function firstKey({ contents }: Document): unknown {
  return isMap(contents) ? contents.items[0]?.key : undefined
}

/** What is said at the very top is said of the file, whichever key comes first now. */
function keepOnTop(key: unknown, document: Document): void {
  if (!isNode(key) || !hasText(key.commentBefore)) return
  document.commentBefore = [document.commentBefore ?? [], key.commentBefore ?? []].flat().join('\n\n')
  key.commentBefore = null
}

function hasAliases(document: Document): boolean {
  let found = false
  visit(document, {
    Alias: () => {
      found = true
      return visit.BREAK
    },
  })
  return found
}

function shape(node: unknown, { order, of = {}, each, isConstraint }: Shape, mayMove: boolean): void {
  if (isConstraint === true) {
    shapeConstraints(node, mayMove)
    return
  }
  if (isSeq(node)) {
    for (const item of node.items) shape(item, { order, of, ...(each !== undefined && { each }) }, mayMove)
    return
  }
  if (!isMap(node)) return
  for (const { key, value } of node.items) {
    const inside = each?.() ?? of[nameOf(key)]?.()
    if (inside !== undefined) shape(value, inside, mayMove)
  }
  if (mayMove) sortKeys(node, order)
}

/** Known keys in their order, others behind them as they came. */
function sortKeys(map: YAMLMap, order: readonly string[]): void {
  const rank = (key: unknown): number => {
    const index = order.indexOf(nameOf(key))
    return index < 0 ? order.length : index
  }
  const sorted = map.items.toSorted((a, b) => rank(a.key) - rank(b.key))
  if (sorted.every((pair, index) => pair === map.items[index])) return
  // A comment on top of a mapping stays on top of it; an empty line there would not be empty but gone.
  const [first] = sorted
  if (isNode(first?.key)) first.key.spaceBefore = false
  map.items = sorted
}

function shapeConstraints(node: unknown, mayMove: boolean): void {
  if (isSeq(node)) {
    for (const item of node.items) shapeConstraints(item, mayMove)
    return
  }
  if (!isMap(node)) return
  shorten(node)
  const [only, another] = node.items
  const name = nameOf(only?.key)
  if (only === undefined || another !== undefined) return
  if ((LOGICAL_OPERATORS as readonly string[]).includes(name)) shapeConstraints(only.value, mayMove)
  else if (isMap(only.value) && mayMove) sortOperator(only.value)
}

const BESIDE = ['unit', 'dataType']
const LONG = ['leftOperand', 'operator', 'rightOperand']

/** The operator first, then what stands beside it. */
function sortOperator(comparison: YAMLMap): void {
  const operator = comparison.items.map(({ key }) => nameOf(key)).find((key) => !BESIDE.includes(key))
  if (operator !== undefined) sortKeys(comparison, [operator, ...BESIDE])
}

/** `{ leftOperand: count, operator: lteq, rightOperand: 2 }` becomes `count: { lteq: 2 }`, where that can say it all. */
function shorten(map: YAMLMap): void {
  const members = new Map(map.items.map((pair) => [nameOf(pair.key), pair]))
  const isPlain = [...members].every(([key, pair]) => [...LONG, ...BESIDE].includes(key) && !hasComments(pair))
  const [left, operator, right] = LONG.map((key) => members.get(key)?.value)
  if (!isPlain || members.size !== map.items.length || !isText(left) || !isText(operator) || !isNode(right)) return
  if ([...LONG, ...BESIDE, ...LOGICAL_OPERATORS, 'uid', 'rightOperandReference'].includes(left.value)) return
  if (hasAnchor([left, operator])) return

  const comparison = new YAMLMap()
  comparison.flow = !isCollection(right) || right.flow === true
  comparison.items = [
    new Pair(new Scalar(shortTerm(operator.value)), right),
    ...BESIDE.flatMap((key) => members.get(key) ?? []),
  ]
  map.items = [new Pair(new Scalar(shortTerm(left.value)), comparison)]
  if (comparison.flow) {
    comparison.comment = map.comment ?? null
    map.comment = null
  }
  // In braces it would be no easier to read; inside of others it cannot be without.
  map.flow = false
}

function isText(node: unknown): node is Scalar<string> {
  return isScalar(node) && typeof node.value === 'string'
}

function hasAnchor(nodes: readonly Scalar[]): boolean {
  return nodes.some(({ anchor }) => anchor !== undefined)
}

/** Of a pair; whoever removes it would lose them. */
function hasComments({ key, value }: Pair): boolean {
  return [key, value].some((node) => isNode(node) && (hasText(node.comment) || hasText(node.commentBefore)))
}

function hasText(comment: string | null | undefined): boolean {
  return comment !== undefined && comment !== null
}

/** The writer puts quotes where the plain text would be read as something else. */
function unquote(node: Scalar): void {
  if (typeof node.value === 'string' && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'))
    node.type = 'PLAIN'
}

/** `{ a: b }` with spaces and `[a, b]` without; what does not fit on one line stands line by line. */
function printFlow(node: YAMLMap | Node, keyLength: number): void {
  if (!isCollection(node)) return
  const print = node.toString.bind(node)
  const padding = isMap(node) ? ' ' : ''
  node.toString = (context, onComment, onChompKeep) => {
    if (context === undefined || (context.inFlow !== true && node.flow !== true))
      return print(context, onComment, onChompKeep)
    const inFlow = { ...context, flowCollectionPadding: padding }
    if (context.inFlow === true) return print(inFlow, onComment, onChompKeep)
    const line = print(inFlow, () => null)
    if (!line.includes('\n') && context.indent.length + keyLength + line.length <= LINE_WIDTH)
      return print(inFlow, onComment, onChompKeep)
    node.flow = false
    return print(context, onComment, onChompKeep)
  }
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || (isAlias(value) && !isPair(value))
}
