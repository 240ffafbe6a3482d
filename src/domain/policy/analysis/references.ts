// Values for what policies only refer to (`annex:endDate`, `ctx:now`), so that constraints on them come out as a box wants.

import { isReference, type CompiledAtomic } from '../compiled.ts'
import type { Fact, Facts, Phase } from '../facts.ts'
import { TYPES, type TypeName } from '../values.ts'
import type { Box } from './domains.ts'
import type { Space } from './space.ts'

/** Two or three values of each type, of ordered ones from the least to the greatest. */
// prettier-ignore
const EXAMPLES: Readonly<Record<TypeName, readonly string[]>> = {
  instant:  ['2001-01-01T00:00:00Z', '2026-06-15T09:30:00Z', '2101-01-01T00:00:00Z'],
  duration: ['PT0S', 'P1D', 'P30000D'],
  count:    ['0', '1', '1000000000'],
  decimal:  ['0', '1', '1000000000'],
  rate:     ['0/PT1H', '1000000000/PT1H'],
  place:    ['CN', 'VN'],
  network:  ['192.0.2.1/32', '198.51.100.1/32'],
  party:    ['did:web:consumer.example', 'did:web:other.example'],
  term:     ['one', 'other'],
  code:     ['one', 'other'],
  boolean:  ['true', 'false'],
  window:   [],
}

/** The facts with what is referred to put in, each constraint for itself; as they are where nothing that is tried helps. */
export function settleReferences(box: Box, facts: Facts, phase: Phase, { references }: Space): Facts {
  let settled = facts
  for (const [key, domain] of box) {
    const reference = references.get(key)
    if (reference === undefined || domain.kind !== 'choice') continue
    const comesOut = (tried: Facts) => domain.words.has(reference.wordIn(tried, phase))
    settled = attempts(reference.constraint, settled).find(comesOut) ?? settled
  }
  return settled
}

/** As it is; then every value of what is referred to, then of the left operand too. */
function attempts(constraint: CompiledAtomic, facts: Facts): readonly Facts[] {
  const { left, about, right } = constraint
  const examples = EXAMPLES[about.type]
  const references = (Array.isArray(right) ? right : [right]).filter(isReference).map(({ reference }) => reference)
  const withFacts = (more: Readonly<Record<string, Fact>>): Facts => ({ ...facts, known: { ...facts.known, ...more } })
  const filled = examples.map((value) => Object.fromEntries(references.map((name) => [name, value])))
  const same = facts.known?.[left]
  const own =
    TYPES[about.type].kind === 'set' && same !== undefined
      ? [{ ...Object.fromEntries(references.map((name) => [name, same])) }]
      : []
  return [
    facts,
    ...[...own, ...filled].map(withFacts),
    ...examples.flatMap((value) => [...own, ...filled].map((more) => withFacts({ ...more, [left]: value }))),
  ]
}
