// How the terms of ODRL are spelt towards one peer, where the spelling that is right for all is not right for that one.

import { ODRL_NAMESPACE } from './vocabulary.ts'

/**
 * `prefixed`: `odrl:…`, what `rulesToWire` gives: a peer that processes JSON-LD and one that does not can read it. `bare`: for a
 * peer that compares texts and knows no prefix. `iri`: for one that compares texts and knows whole IRIs only.
 */
export type Spelling = 'prefixed' | 'bare' | 'iri'

/** By participant; whoever is not in it gets `prefixed`. */
export type Spellings = ReadonlyMap<string, Spelling>

const PREFIX = 'odrl:'
/** The members whose texts are terms; everywhere else a text is what somebody wrote. */
const TERM_KEYS: ReadonlySet<string> = new Set(['action', 'leftOperand', 'odrl:conflict'])

const SPELT: Readonly<Record<Spelling, (local: string) => string>> = {
  prefixed: (local) => PREFIX + local,
  bare: (local) => local,
  iri: (local) => ODRL_NAMESPACE + local,
}

/** A message, a catalogue or a dataset with its policies in this spelling; nothing else in it changes. */
export function spelt<T>(message: T, spelling: Spelling | undefined): T {
  return spelling === undefined || spelling === 'prefixed' ? message : (respelt(message, SPELT[spelling], false) as T)
}

function respelt(value: unknown, spell: (local: string) => string, isTerm: boolean): unknown {
  if (typeof value === 'string') return isTerm ? named(value, spell) : value
  if (Array.isArray(value)) return value.map((each) => respelt(each, spell, isTerm))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      named(key, spell),
      respelt(inner, spell, TERM_KEYS.has(key) || (isTerm && key === '@id')),
    ]),
  )
}

function named(text: string, spell: (local: string) => string): string {
  return text.startsWith(PREFIX) ? spell(text.slice(PREFIX.length)) : text
}
