// Which parameter of a template stands at a place of the rules that were made from it.

import type { Json } from '../../kernel/canonical-json.ts'
import { isMapping } from './house-form.ts'
import { paramOf, paramsIn } from './put-in.ts'

/** Null where none does, or where it could be one of several. */
export function paramAt(policy: Json, path: string): string | null {
  let node: Json | undefined = policy
  for (const [, index, key = ''] of path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)) {
    const name = paramOf(node)
    if (name !== null) return name
    const next: Json | undefined = index === undefined ? memberOf(node, key) : itemOf(node, Number(index))
    if (next === undefined) break
    node = next
  }
  const [only, another] = new Set(paramsIn(node))
  return another === undefined ? (only ?? null) : null
}

/** A list of one may be written as the thing itself; behind a list that was put in, indexes are others. */
function itemOf(node: Json | undefined, index: number): Json | undefined {
  return Array.isArray(node) ? (node[index] as Json | undefined) : node
}

/** In `count: { lteq: 2 }` also what it is short for. */
function memberOf(node: Json | undefined, key: string): Json | undefined {
  if (!isMapping(node)) return undefined
  const members = node
  if (Object.hasOwn(members, key)) return members[key]
  const [comparison, another] = Object.values(members)
  if (another !== undefined || !isMapping(comparison) || key !== 'rightOperand') return undefined
  const found = Object.entries(comparison).find(([name]) => name !== 'unit' && name !== 'dataType')
  return found?.[1]
}
