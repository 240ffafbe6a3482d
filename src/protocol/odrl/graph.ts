// A JSON-LD document as a graph of nodes: a policy may be nested, or flat with references by id.

import { shortKey } from './json-ld.ts'

export interface GraphNode {
  readonly id: string | null
  /** By short name, whichever way it is spelt, and however its list is written. */
  readonly members: ReadonlyMap<string, readonly unknown[]>
}

export interface Graph {
  /** The node that a value stands for: itself, or the one that it refers to by id. Null for a plain value, or where none is described. */
  readonly node: (value: unknown) => GraphNode | null
  /** Those of the first document that stand for themselves, each once. */
  readonly own: readonly GraphNode[]
  /** Every node of every document. */
  readonly nodes: readonly GraphNode[]
}

/** Nodes of all documents together. */
const NODES_MAX = 100_000
const DEPTH_MAX = 100

type Members = Map<string, readonly unknown[]>

interface Found {
  readonly id: string | null
  readonly members: Members
  /** Directly in the document or its `@graph`: what is said of it elsewhere there is said of it too. */
  readonly isTop: boolean
  /** ODRL's `uid` names what stands here; an `@id` alone refers to what stands elsewhere. */
  readonly hasUid: boolean
}

/** Null for documents that are larger or deeper than any policy. References lead from one into the others. */
export function graphOf(documents: readonly unknown[]): Graph | null {
  const found = new Map<object, Found>()
  const described = new Map<string, Members>()
  let ownCount = 0

  function visit(value: unknown, depth: number, document: number, isTop: boolean): boolean {
    if (depth > DEPTH_MAX || found.size > NODES_MAX) return false
    if (Array.isArray(value)) return value.every((each) => visit(each, depth + 1, document, isTop))
    if (!isObject(value) || '@value' in value) return true
    const members: Members = new Map()
    let id: string | null = null
    for (const [key, inner] of Object.entries(value)) {
      if (key === '@context') continue
      const name = isHouseId(key, inner) ? '@id' : nameOf(key)
      if (name === '@id') id ??= scoped(idIn(inner), document)
      else members.set(name, [...(members.get(name) ?? []), ...listed(inner)])
      if (!visit(inner, depth + 1, document, isTop && key === '@graph')) return false
    }
    // A reference describes nothing.
    found.set(value, { id, members, isTop, hasUid: 'uid' in value })
    if (id !== null && members.size > 0) described.set(id, merged(described.get(id), members))
    return true
  }
  for (const [index, document] of documents.entries()) {
    if (!visit(document, 0, index, true)) return null
    if (index === 0) ownCount = found.size
  }

  const finished = new Map<string, GraphNode>()
  const byId = (id: string): GraphNode | null => {
    const members = described.get(id)
    if (members === undefined) return null
    const node = finished.get(id) ?? { id, members }
    finished.set(id, node)
    return node
  }
  const nodeFor = ({ id, members, isTop, hasUid }: Found): GraphNode | null => {
    if (id === null) return { id, members }
    if (isTop || members.size === 0) return byId(id) ?? (hasUid ? { id, members } : null)
    // Two rules of one uid in two places stay two rules: what stands here goes before what is said elsewhere.
    return { id, members: new Map([...(described.get(id) ?? []), ...members]) }
  }
  const node = (value: unknown): GraphNode | null => {
    if (typeof value === 'string') return byId(value)
    const here = isObject(value) ? found.get(value) : undefined
    return here === undefined ? null : nodeFor(here)
  }
  const all = [...found.values()]
  const once = (list: readonly Found[]): readonly GraphNode[] => [
    ...new Set(list.flatMap((each) => (each.id === null ? nodeFor(each) : byId(each.id)) ?? [])),
  ]
  return { node, own: once(all.slice(0, ownCount)), nodes: once(all) }
}

/** The values of a member; none where it has no such member. */
export function valuesOf(node: GraphNode | null, name: string): readonly unknown[] {
  return node?.members.get(name) ?? []
}

/** The id that a value is or has; the text of a value that has none. */
export function idIn(value: unknown): string {
  if (!isObject(value)) return String(value)
  for (const [key, inner] of Object.entries(value)) if (nameOf(key) === '@id') return idIn(inner)
  return '@value' in value ? String(value['@value']) : ''
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The context of ODRL has `type` for `@type`; that of credentials has `id` too. */
function nameOf(key: string): string {
  const name = shortKey(key)
  return name === 'type' ? '@type' : name === 'id' ? '@id' : name
}

/** Of a policy file in the house form. */
function isHouseId(key: string, value: unknown): boolean {
  return typeof value === 'string' && (key === 'offer' || key === 'guardrail')
}

/** A blank node is one of its own document. */
function scoped(id: string, document: number): string {
  return document > 0 && id.startsWith('_:') ? `${id}#${String(document)}` : id
}

function merged(known: Members | undefined, more: Members): Members {
  if (known === undefined) return more
  const all: Members = new Map(known)
  for (const [name, values] of more) all.set(name, distinct([...(all.get(name) ?? []), ...values]))
  return all
}

/** Each value once: the same text, id or content twice says nothing new. */
export function distinct(values: readonly unknown[]): readonly unknown[] {
  if (values.length < 2) return values
  return [...new Map(values.map((value) => [likeness(value), value])).values()]
}

function likeness(value: unknown): string {
  const isReference = !isObject(value) || (Object.keys(value).length === 1 && !('@value' in value))
  return isReference ? idIn(value) : JSON.stringify(value)
}

function listed(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(listed)
  if (isObject(value) && ('@list' in value || '@set' in value)) return listed(value['@list'] ?? value['@set'])
  return value === undefined || value === null ? [] : [value]
}
