// A JSON-LD document as a graph of nodes: a policy may be nested, or flat with references by id.

import { shortKey } from './json-ld.ts'

export type GraphNode = Readonly<Record<string, unknown>>

/** Nodes of one document. */
const NODES_MAX = 100_000
const DEPTH_MAX = 64

export interface Graph {
  /** The node that a value stands for: itself, or the one that it refers to by id; null for a plain value. */
  readonly node: (value: unknown) => GraphNode | null
  /** The values of a member, whichever way its name is spelt and however its list is written. */
  readonly values: (node: GraphNode, name: string) => readonly unknown[]
  /** Every node with an id, and those without. */
  readonly nodes: readonly GraphNode[]
}

/** Null for a document that is larger or deeper than any policy. */
export function graphOf(document: unknown): Graph | null {
  const nodes: GraphNode[] = []
  const byId = new Map<string, GraphNode>()

  function visit(value: unknown, depth: number): boolean {
    if (depth > DEPTH_MAX || nodes.length > NODES_MAX) return false
    if (Array.isArray(value)) return value.every((each) => visit(each, depth + 1))
    if (!isNode(value)) return true
    nodes.push(value)
    const id = idOf(value)
    if (id !== null && Object.keys(value).length > 1) byId.set(id, { ...byId.get(id), ...value })
    return Object.entries(value).every(([key, inner]) => key === '@context' || visit(inner, depth + 1))
  }
  if (!visit(document, 0)) return null

  const values = (node: GraphNode, name: string): readonly unknown[] =>
    Object.entries(node).flatMap(([key, value]) => (shortKey(key) === name ? listed(value) : []))
  const node = (value: unknown): GraphNode | null => {
    if (typeof value === 'string') return byId.get(value) ?? null
    if (!isNode(value)) return null
    const id = idOf(value)
    return id !== null && Object.keys(value).length === 1 ? (byId.get(id) ?? value) : value
  }
  return { node, values, nodes }
}

/** `@id`, or ODRL's own `uid`. */
export function idOf(node: GraphNode): string | null {
  for (const [key, value] of Object.entries(node)) {
    if (shortKey(key) !== '@id') continue
    const text = typeof value === 'string' ? value : isNode(value) ? idOf(value) : null
    if (text !== null) return text
  }
  return null
}

function listed(value: unknown): readonly unknown[] {
  const inner = isNode(value) && ('@list' in value || '@set' in value) ? (value['@list'] ?? value['@set']) : value
  return Array.isArray(inner) ? inner : inner === undefined || inner === null ? [] : [inner]
}

function isNode(value: unknown): value is GraphNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
