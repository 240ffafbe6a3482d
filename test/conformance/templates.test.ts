// The shipped templates on the wire: in messages that the official schemas accept, and that a peer reads as the same rules.

import { describe, expect, it } from 'vitest'
import { DSP_CONTEXT } from '../../src/protocol/dsp/messages.ts'
import { parseMessage } from '../../src/protocol/dsp/validate.ts'
import { parseRawJson } from '../../src/protocol/raw-json.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { readMessageOffer } from '../../src/protocol/odrl/normalise.ts'
import { rulesDigest } from '../../src/protocol/odrl/same-rules.ts'
import { spelt, type Spelling } from '../../src/protocol/odrl/spelling.ts'
import { lostOnWire, rulesToWire } from '../../src/protocol/odrl/to-wire.ts'
import type { Rules } from '../../src/protocol/odrl/types.ts'
import { instancesOf, shippedPolicies } from '../fixtures/templates.ts'
import { isThere, officialCheck } from './official.ts'

if (!isThere)
  console.warn('NOT COMPARED with the official schemas of DSP 2025-1: ../shared/spec/dsp-2025-1 is not there')

const instances = instancesOf(await shippedPolicies())
const requestFor = (rules: Rules, spelling: Spelling): object =>
  spelt(
    {
      '@context': [DSP_CONTEXT],
      '@type': 'ContractRequestMessage',
      '@id': 'urn:uuid:message',
      consumerPid: 'urn:uuid:consumer',
      callbackAddress: 'https://consumer.example/dsp/2025-1',
      offer: { '@id': 'urn:offer:x', '@type': 'Offer', target: 'urn:dataset:x', ...rulesToWire(rules) },
    },
    spelling,
  )

describe.each(instances)('$id', ({ rules }) => {
  it('loses nothing on its way', () => {
    expect(lostOnWire(rules)).toEqual([])
  })

  it.each<Spelling>(['prefixed', 'bare', 'iri'])('is read as what it was: %s', (spelling) => {
    const bytes = Buffer.from(JSON.stringify(requestFor(rules, spelling)))
    const message = orThrow(parseMessage('ContractRequestMessage', orThrow(parseRawJson(bytes, { depthMax: 64 }))))
    expect(rulesDigest(orThrow(readMessageOffer(message.offer, 'offer')))).toBe(rulesDigest(rules))
  })

  it.runIf(isThere)('is a valid message by the official schema', () => {
    expect(officialCheck()('ContractRequestMessage', requestFor(rules, 'prefixed'))).toBe(true)
  })
})
