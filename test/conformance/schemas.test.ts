// Our schemas against the official ones of DSP 2025-1: every example, and thousands of slightly wrong messages.

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { MessageType } from '../../src/protocol/dsp/messages.ts'
import { SCHEMAS } from '../../src/protocol/dsp/schemas/all.ts'
import { parseMessage } from '../../src/protocol/dsp/validate.ts'
import { parseRawJson } from '../../src/protocol/raw-json.ts'
import type { Mutation } from './mutations.ts'
import { mutations } from './mutations.ts'
import { examples, isThere, officialCheck } from './official.ts'

if (!isThere)
  console.warn('NOT COMPARED with the official schemas of DSP 2025-1: ../shared/spec/dsp-2025-1 is not there')

/** DatasetRequestMessage has an example and is never sent over HTTPS. */
const ours = examples().filter(({ type }) => type in SCHEMAS)

interface Disagreement {
  readonly we: 'accept' | 'refuse'
  readonly why: string
  readonly is: (mutation: Mutation, type: string) => boolean
}

/** Where we differ on purpose; everything else that differs is a mistake of ours. */
const DISAGREEMENTS: readonly Disagreement[] = [
  {
    we: 'accept',
    why: 'the rules and the profile of a policy are read, and refused with better words, by protocol/odrl',
    is: ({ at }) => /(^|\.)(permission|profile)(\[\]|\.|$)/.test(at),
  },
  {
    we: 'accept',
    why: 'a reference or a timestamp may be wrapped in an object, which protocol/odrl unwraps or refuses',
    is: ({ at, change }) => /\.(target|assigner|assignee|timestamp)$/.test(at) && change === 'an empty object',
  },
  {
    we: 'accept',
    why: 'a single thing where a list is meant is taken for a list of one',
    is: ({ at, change }) => ['filter', 'reason'].includes(at) && !change.includes('list'),
  },
  {
    we: 'accept',
    why: 'EDC leaves the pids out of its errors',
    is: ({ at, change }, type) => type.endsWith('Error') && at.endsWith('Pid') && change === 'dropped',
  },
  {
    we: 'refuse',
    why: 'an empty text identifies nothing',
    is: ({ change }) => change === 'an empty text',
  },
  {
    we: 'refuse',
    why: 'the text demands a timestamp in an Agreement, and a target in the Offer of every message',
    is: ({ at, change }) => ['agreement.timestamp', 'offer.target'].includes(at) && change === 'dropped',
  },
  {
    we: 'refuse',
    why: 'a Dataset or Distribution that says what it is must say that; alone, a Dataset must say it',
    is: ({ at }, type) => at.endsWith('@type') && ['Catalog', 'Dataset'].includes(type),
  },
]

it('is written in valid JSON Schema', () => {
  const ajv = new Ajv2020({ strict: false })

  const invalid = Object.entries(SCHEMAS).filter(([, schema]) => ajv.validateSchema(schema) !== true)

  expect(invalid).toEqual([])
})

describe.runIf(isThere)('the official artefacts of DSP 2025-1', () => {
  it('have an example of every message that we read', () => {
    expect(new Set(ours.map(({ type }) => type))).toEqual(new Set(Object.keys(SCHEMAS)))
  })

  it.each(ours)('accepts the example $file and hands on the very object', ({ type, json }) => {
    expect(officialCheck()(type, json)).toBe(true)

    const parsed = parseMessage(type as MessageType, json)

    expect(parsed).toEqual({ ok: true, value: json })
    expect(parsed.ok && parsed.value).toBe(json)
  })

  it.each(ours)('reads the bytes of $file as JSON.parse does', ({ json }) => {
    const bytes = new TextEncoder().encode(JSON.stringify(json))

    expect(parseRawJson(bytes, { depthMax: 64 })).toEqual({ ok: true, value: json })
  })

  it('agrees with the official schemas on every mutation, except where the list above says why', () => {
    const official = officialCheck()
    const needed = new Set<string>()
    const unexplained: string[] = []
    let compared = 0

    for (const { type, json } of ours) {
      for (const mutation of mutations(json)) {
        compared++
        const weAccept = parseMessage(type as MessageType, mutation.json).ok
        if (weAccept === official(type, mutation.json)) continue
        const known = DISAGREEMENTS.find(({ we, is }) => (we === 'accept') === weAccept && is(mutation, type))
        if (known === undefined)
          unexplained.push(`${type} ${mutation.at}: ${mutation.change}, we accept: ${String(weAccept)}`)
        else needed.add(known.why)
      }
    }

    expect(unexplained).toEqual([])
    expect(needed).toEqual(new Set(DISAGREEMENTS.map(({ why }) => why)))
    expect(compared).toBeGreaterThan(3_000)
  })
})
