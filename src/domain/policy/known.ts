// Facts by the names of left operands, from where each of them is kept: claims of a participant, a dataset's metadata, our own.

import type { Json } from '../../kernel/canonical-json.ts'
import { shortTerm } from '../../protocol/odrl/vocabulary.ts'
import type { Fact } from './facts.ts'
import { OPERANDS, operandOf, type Source } from './operands.ts'

type Known = Readonly<Record<string, Fact>>

/** The names under which a claim or a property may stand: `tds:role`, its IRI, or `role` alone. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.keys(OPERANDS).flatMap((name) => [[name, name] as const, [name.replace(/^tds:/, ''), name] as const]),
)

/** What is said of a participant, a dataset or ourselves, as facts of the operands that take theirs from there. */
export function knownFrom(source: Source, said: { readonly [name: string]: Json } | undefined): Known {
  const known: Record<string, Fact> = {}
  for (const [key, value] of Object.entries(said ?? {})) {
    const name = NAMES.get(shortTerm(key))
    if (name === undefined || operandOf(name)?.source !== source) continue
    const fact = factOf(value)
    if (fact !== null) known[name] = fact
  }
  return known
}

/** A claim that lists several things writes them with commas; metadata as a list. */
function factOf(value: Json): Fact | null {
  if (Array.isArray(value)) {
    const texts = value.map(textOf)
    return texts.every((text) => text !== null) ? texts : null
  }
  const text = textOf(value)
  return text?.includes(',') === true ? text.split(',').map((part) => part.trim()) : text
}

function textOf(value: Json): string | null {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { '@id': id, '@value': literal } = value as { readonly [key: string]: Json }
    return textOf(id ?? literal ?? null)
  }
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : null
}
