// The prefixes and terms that a JSON-LD document declares in its own `@context`, written out: so that `ex:alice` in a policy is
// whom a request calls by the whole IRI. Contexts that stand behind an address are not fetched: ODRL's is known.

import { isObject } from './graph.ts'

/** What stands behind a prefix or a term. */
export type Prefixes = ReadonlyMap<string, string>

const NO_PREFIXES: Prefixes = new Map()

/** These are read by their prefixes anyway. */
// prettier-ignore
const KNOWN: Prefixes = new Map([
  ['odrl', 'http://www.w3.org/ns/odrl/2/'],
  ['xsd',  'http://www.w3.org/2001/XMLSchema#'],
  ['rdf',  'http://www.w3.org/1999/02/22-rdf-syntax-ns#'],
])

const DEPTH_MAX = 100

/** What the document's own context declares, over what holds around it. */
export function prefixesIn(document: unknown, around: Prefixes = NO_PREFIXES): Prefixes {
  const contexts = isObject(document) ? [document['@context']].flat() : []
  const declared = contexts.filter(isObject).flatMap((context) => Object.entries(context))
  if (declared.length === 0) return around
  const prefixes = new Map(around)
  for (const [name, definition] of declared) {
    const iri = isObject(definition) ? definition['@id'] : definition
    if (typeof iri === 'string' && !name.startsWith('@') && KNOWN.get(name) !== iri) prefixes.set(name, iri)
  }
  return prefixes
}

/** The same document with all names whole: keys, ids and other texts; not what stands in a `@value`. */
export function writtenOut(document: unknown, prefixes: Prefixes, depth = 0): unknown {
  // What is deeper is refused by whoever reads it.
  if (prefixes.size === 0 || depth > DEPTH_MAX) return document
  if (typeof document === 'string') return iriOf(document, prefixes)
  if (Array.isArray(document)) return document.map((each) => writtenOut(each, prefixes, depth + 1))
  if (!isObject(document)) return document
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => [
      termOf(key, prefixes),
      key === '@context' || key === '@value' ? value : writtenOut(value, prefixes, depth + 1),
    ]),
  )
}

function termOf(key: string, prefixes: Prefixes): string {
  const iri = key.includes(':') ? undefined : prefixes.get(key)
  return iri === undefined ? iriOf(key, prefixes) : iriOf(iri, prefixes)
}

function iriOf(text: string, prefixes: Prefixes): string {
  const colon = text.indexOf(':')
  if (colon < 0 || text.startsWith('//', colon + 1)) return text
  const start = prefixes.get(text.slice(0, colon))
  return start === undefined ? text : start + text.slice(colon + 1)
}
