// Constraints and refinements of any ODRL policy: atomic or logical, with values by reference, and in the short form of policy
// files (`count: { lteq: 2 }`).

import { ProblemError, problem } from '../../kernel/problem.ts'
import { idIn, isObject, valuesOf, type Graph, type GraphNode } from './graph.ts'
import { item, member } from './path.ts'
import type { AtomicConstraint, Constraint } from './types.ts'
import { LOGICAL_OPERATORS, OPERATORS, shortTerm } from './vocabulary.ts'

/** What all readers of one policy share. */
export interface Reading {
  readonly graph: Graph
  /** What stands behind a `rightOperandReference`. */
  readonly references: Readonly<Record<string, unknown>>
}

/** A fact that nobody has: what is compared with it is unknown. */
const UNRESOLVED = 'ctx:unresolved'

export function constraintsOf(
  node: GraphNode | null,
  name: string,
  path: string,
  reading: Reading,
): readonly Constraint[] {
  return valuesOf(node, name).map((raw, index) => constraintOf(raw, item(path, index), reading))
}

function constraintOf(raw: unknown, path: string, reading: Reading): Constraint {
  const node = reading.graph.node(raw) ?? fail('expected a constraint', path)
  const uid = node.id === null ? {} : { '@id': node.id }
  const kinds = LOGICAL_OPERATORS.filter((key) => node.members.has(key))
  const [logical, another] = kinds
  if (another !== undefined || (logical !== undefined && node.members.has('leftOperand')))
    fail(`a constraint has a leftOperand or one of ${LOGICAL_OPERATORS.join(', ')}, and not both`, path)
  if (logical !== undefined) return { ...uid, [logical]: constraintsOf(node, logical, member(path, logical), reading) }
  return { ...uid, ...(shortForm(node, path, reading) ?? longForm(node, path, reading)) }
}

function longForm(node: GraphNode, path: string, reading: Reading): AtomicConstraint {
  const term = (key: string): string => shortTerm(optional(node, key, path) ?? fail('is missing', member(path, key)))
  const [leftOperand, operator] = [term('leftOperand'), term('operator')]
  return { leftOperand, operator, ...rightOperand(rightValues(node, path, reading), node, path) }
}

/** One left operand, and behind it one operator with its value; null where the constraint is not written so. */
function shortForm({ members }: GraphNode, path: string, { graph }: Reading): AtomicConstraint | null {
  const [entry, another] = [...members].filter(([name]) => !name.startsWith('@'))
  const [raw] = entry?.[1] ?? []
  const inner = isObject(raw) ? graph.node(raw) : null
  if (entry === undefined || another !== undefined || inner === null) return null
  const at = member(path, entry[0])
  const [operator, second] = [...inner.members.keys()].map(shortTerm).filter(isOperator)
  if (operator === undefined || second !== undefined) return null
  const values = [...inner.members].find(([name]) => shortTerm(name) === operator)?.[1] ?? []
  const literals = values.map((value) => literalOf(value) ?? fail('expected a value', member(at, operator)))
  return { leftOperand: shortTerm(entry[0]), operator, ...rightOperand(literals, inner, at) }
}

function isOperator(name: string): boolean {
  return OPERATORS.some((operator) => operator === name)
}

function rightOperand(
  values: readonly Literal[],
  node: GraphNode,
  path: string,
): Pick<AtomicConstraint, 'rightOperand' | 'dataType' | 'unit'> {
  const [first] = values
  const dataType = first?.type ?? optional(node, 'dataType', path)
  const unit = optional(node, 'unit', path)
  return {
    rightOperand: values.length === 1 && first !== undefined ? first.text : values.map(({ text }) => text),
    ...(dataType !== undefined && { dataType }),
    ...(unit !== undefined && { unit }),
  }
}

/** Exactly one of the value itself and what it refers to (ODRL IM 2.2, 2.5.1). */
function rightValues(node: GraphNode, path: string, { references }: Reading): readonly Literal[] {
  const written = valuesOf(node, 'rightOperand')
  const iris = valuesOf(node, 'rightOperandReference').map(idIn)
  const at = member(path, 'rightOperand')
  if (written.length > 0 && iris.length > 0)
    fail('a constraint has a rightOperand or a rightOperandReference, and not both', at)
  if (written.length === 0 && iris.length === 0) fail('is missing', at)
  const values = written.map((value) => literalOf(value) ?? fail('expected a value', at))
  return [
    ...values,
    ...iris.flatMap((iri) => {
      const value = Object.hasOwn(references, iri) ? references[iri] : undefined
      const found = [value].flat().map((each) => literalOf(each))
      return found.every((each) => each !== null) ? found : [{ text: UNRESOLVED, type: undefined }]
    }),
  ]
}

function optional(node: GraphNode, key: string, path: string): string | undefined {
  const [value, another] = valuesOf(node, key)
  if (another !== undefined) fail('expected one value, came several', member(path, key))
  return value === undefined ? undefined : idIn(value)
}

export interface Literal {
  readonly text: string
  readonly type: string | undefined
}

/** A value as text, with its type if it says one; null for what is none. A time without a zone is read in UTC. */
export function literalOf(raw: unknown): Literal | null {
  if (raw === undefined || raw === null) return null
  if (!isObject(raw)) return { text: plain(raw), type: undefined }
  const { '@value': value, '@type': type } = raw
  const text = value ?? (idIn(raw) || null)
  return text === null || typeof text === 'object'
    ? null
    : { text: plain(text), type: typeof type === 'string' ? type : undefined }
}

const EXPONENT = /^[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,2}$/

function plain(value: unknown): string {
  const text = String(value)
  if (EXPONENT.test(text)) return decimal(Number(text))
  const date = /^(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (date?.[1] !== undefined) return `${date[1]}T00:00:00${date[2] ?? 'Z'}`
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(text) ? `${text}Z` : text
}

/** `1.0E3` of an xsd:double as the decimals that are compared. */
function decimal(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, '')
}

/** One member, or none for an empty list. */
export function some<K extends string, T>(key: K, list: readonly T[]): { readonly [P in K]?: readonly T[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { readonly [P in K]: readonly T[] })
}

/** Ends the reading; whoever began it turns this into a refusal. */
export function fail(message: string, path: string): never {
  throw new ProblemError(problem('policy.invalid', message, path))
}
