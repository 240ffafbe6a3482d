// The dataset that a question on files alone is about: as far as its id and the given facts tell.

import type { Fact, Facts } from '../../domain/policy/facts.ts'
import type { OfferDefinition, Selectable } from '../../domain/policy/offer-definition.ts'
import { operandOf } from '../../domain/policy/operands.ts'

/** What is given of its metadata are its properties, by both names under which guardrails look for them. */
export function datasetNamed(id: string, { known = {} }: Facts): Selectable {
  const properties = Object.entries(known)
    .filter(([name]) => operandOf(name)?.source === 'dataset')
    .flatMap(([name, fact]): [string, Fact][] => [
      [name, fact],
      [name.replace(/^tds:/, ''), fact],
    ])
  return { id, properties: Object.fromEntries(properties) }
}

/** Any that the offer is on, where none is named: the first that it names, or what its first pattern looks like. */
export function datasetOf({ datasets: [first] }: OfferDefinition, facts: Facts): Selectable | null {
  if (first === undefined) return null
  // prettier-ignore
  switch (first.kind) {
    case 'id':       return datasetNamed(first.id, facts)
    case 'glob':     return datasetNamed(first.pattern, facts)
    case 'property': {
      const { id, properties } = datasetNamed('', facts)
      return { id, properties: { [first.property]: first.value, ...properties } }
    }
  }
}
