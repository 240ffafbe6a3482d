// Where the terms of DSP messages come from, and the three ways in which a peer may spell them.

// prettier-ignore
export const NAMESPACES = {
  dspace: 'https://w3id.org/dspace/2025/1/',
  dcat:   'http://www.w3.org/ns/dcat#',
  dct:    'http://purl.org/dc/terms/',
  odrl:   'http://www.w3.org/ns/odrl/2/',
} as const

export type Prefix = keyof typeof NAMESPACES

/** `offer`, `dspace:offer` and `https://w3id.org/dspace/2025/1/offer`. */
export function spellings(term: string, prefix: Prefix): readonly [string, string, string] {
  return [term, `${prefix}:${term}`, `${NAMESPACES[prefix]}${term}`]
}

const KNOWN_BEGINNINGS = Object.entries(NAMESPACES).flatMap(([prefix, iri]) => [`${prefix}:`, iri])

/** A word of the vocabularies (a type, a state) without its prefix or namespace; any other text stays as it is. */
export function bare(word: string): string {
  const beginning = word.includes(':') ? KNOWN_BEGINNINGS.find((start) => word.startsWith(start)) : undefined
  return beginning === undefined ? word : word.slice(beginning.length)
}
