import { describe, expect, it } from 'vitest'
import { problem } from '../../../../src/kernel/problem.ts'
import type { ConsumerPid, ProviderPid } from '../../../../src/protocol/ids.ts'
import {
  catalogError,
  contractNegotiationError,
  readPeerError,
  transferError,
} from '../../../../src/protocol/dsp/error.ts'
import { parseMessage } from '../../../../src/protocol/dsp/validate.ts'

const PIDS = { providerPid: 'urn:uuid:p' as ProviderPid, consumerPid: 'urn:uuid:c' as ConsumerPid }

describe('an error of ours', () => {
  const refusal = problem('message.schema', 'expected the member "target", and it is missing', 'offer.target')

  it('carries code, sentence, place and the pids that are known', () => {
    expect(contractNegotiationError(refusal, { consumerPid: PIDS.consumerPid })).toEqual({
      '@context': ['https://w3id.org/dspace/2025/1/context.jsonld'],
      '@type': 'ContractNegotiationError',
      consumerPid: 'urn:uuid:c',
      code: 'message.schema',
      reason: ['expected the member "target", and it is missing', 'offer.target'],
    })
  })

  it('has one reason when there is no place', () => {
    expect(catalogError(problem('process.unknown', 'no such dataset')).reason).toEqual(['no such dataset'])
  })

  it('is a message that we would accept', () => {
    expect(parseMessage('ContractNegotiationError', contractNegotiationError(refusal, PIDS)).ok).toBe(true)
    expect(parseMessage('TransferError', transferError(refusal, PIDS)).ok).toBe(true)
    expect(parseMessage('CatalogError', catalogError(refusal)).ok).toBe(true)
  })

  it('says nothing of what a defect is about', () => {
    const error = transferError(problem('defect', 'SELECT secret FROM …', 'src/store'), PIDS)

    expect(error.reason).toEqual(['an internal error'])
  })
})

describe("a peer's error", () => {
  // prettier-ignore
  it.each<[string, string, object]>([
    ['as EDC writes it, without pids', '{"@type":"CatalogError","code":"401","reason":["Unauthorized."]}', { code: '401', reasons: ['Unauthorized.'] }],
    ['with one reason as a text',      '{"code":"409","reason":"too early"}',                              { code: '409', reasons: ['too early'] }],
    ['with prefixed members',          '{"dspace:code":"x","dspace:reason":[{"@value":"y"}]}',             { code: 'x', reasons: ['y'] }],
    ['with reasons that are objects',  '{"code":7,"reason":[{"message":"m"},{"odd":[1]}]}',                { code: '7', reasons: ['m', '{"odd":[1]}'] }],
    ['as a problem document',          '{"status":404,"title":"Not Found","detail":"no such path"}',       { code: '404', reasons: ['no such path'] }],
    ['as a list',                      '[{"message":"a","type":"T"},{"message":"b"}]',                     { reasons: ['a', 'b'] }],
    ['as a page',                      '<html><h1>500</h1>\n\n</html>',                                    { reasons: ['<html><h1>500</h1> </html>'] }],
    ['empty',                          '  ',                                                               { reasons: [] }],
    ['null',                           'null',                                                             { reasons: ['null'] }],
  ])('is read %s', (_, body, expected) => {
    expect(readPeerError(new TextEncoder().encode(body))).toEqual(expected)
  })

  it('gives at most 2,048 characters, in single lines without control characters', () => {
    const reason = Array.from({ length: 200 }, (_, index) => `\u001b[31m${'x'.repeat(50)}\r\n${String(index)}`)
    const { code, reasons } = readPeerError(new TextEncoder().encode(JSON.stringify({ code: 'c'.repeat(500), reason })))
    const all = [code ?? '', ...reasons].join('')

    expect(all.length).toBeGreaterThan(1_900)
    expect(all.length).toBeLessThanOrEqual(2_048)
    expect(all).not.toMatch(/\p{Cc}/u)
  })

  it('is read from bytes that are no text and from bodies beyond any size', () => {
    expect(readPeerError(Uint8Array.of(0xff, 0xfe, 0x00)).reasons).toHaveLength(1)
    expect(readPeerError(new Uint8Array(10_000_000).fill(0x5b)).reasons[0]).toHaveLength(200)
  })
})
