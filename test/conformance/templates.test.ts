// The shipped templates on the wire: in messages that the official schemas accept, and that a peer reads as the same rules.

import { describe, expect, it } from 'vitest'
import { composeNegotiation } from '../../src/domain/exchange/compose.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import { parseMessage } from '../../src/protocol/dsp/validate.ts'
import { parseRawJson } from '../../src/protocol/raw-json.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { readAgreement, readMessageOffer } from '../../src/protocol/odrl/normalise.ts'
import { rulesDigest } from '../../src/protocol/odrl/same-rules.ts'
import { spelt, type Spelling } from '../../src/protocol/odrl/spelling.ts'
import { lostOnWire } from '../../src/protocol/odrl/to-wire.ts'
import type { Rules } from '../../src/protocol/odrl/types.ts'
import { agreementAs, negotiationAs, offer } from '../fixtures/builders.ts'
import { instancesOf, shippedPolicies } from '../fixtures/templates.ts'
import { isThere, officialCheck } from './official.ts'

if (!isThere)
  console.warn('NOT COMPARED with the official schemas of DSP 2025-1: ../shared/spec/dsp-2025-1 is not there')

const instances = instancesOf(await shippedPolicies())
const HEAD = { messageId: 'urn:uuid:message' as MessageId, callbackAddress: 'https://own.example/dsp/2025-1' }

function requestFor(rules: Rules, spelling: Spelling): object {
  const negotiation = negotiationAs('CONSUMER', { offer: offer(rules) })
  return spelt(composeNegotiation(negotiation, 'ContractRequestMessage:initial', HEAD), spelling)
}

function agreementFor(rules: Rules, spelling: Spelling): object {
  const { agreement } = agreementAs('PROVIDER', rules)
  const negotiation = negotiationAs('PROVIDER', { offer: offer(rules), state: 'REQUESTED' })
  return spelt(composeNegotiation(negotiation, 'ContractAgreementMessage', { ...HEAD, agreement }), spelling)
}

describe.each(instances)('$id', ({ rules }) => {
  it('loses nothing on its way', () => {
    expect(lostOnWire(rules)).toEqual([])
  })

  it.each<Spelling>(['prefixed', 'bare', 'iri'])('is read as what it was: %s', (spelling) => {
    const request = orThrow(parseMessage('ContractRequestMessage', received(requestFor(rules, spelling))))
    const agreed = orThrow(parseMessage('ContractAgreementMessage', received(agreementFor(rules, spelling))))
    expect(rulesDigest(orThrow(readMessageOffer(request.offer, 'offer')))).toBe(rulesDigest(rules))
    expect(rulesDigest(orThrow(readAgreement(agreed.agreement, 'agreement')))).toBe(rulesDigest(rules))
  })

  it.runIf(isThere)('makes valid messages by the official schemas', () => {
    const isValid = officialCheck()
    expect(isValid('ContractRequestMessage', requestFor(rules, 'prefixed'))).toBe(true)
    expect(isValid('ContractAgreementMessage', agreementFor(rules, 'prefixed'))).toBe(true)
  })
})

function received(message: object): unknown {
  return orThrow(parseRawJson(Buffer.from(JSON.stringify(message)), { depthMax: 64 }))
}
