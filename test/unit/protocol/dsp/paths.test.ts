import { describe, expect, it } from 'vitest'
import { BINDINGS, pathOf, segment } from '../../../../src/protocol/dsp/paths.ts'

const PID = 'urn:uuid:3afeadd8-ed2d-469e-9634-8394a8836d57'

describe('the path of a message', () => {
  // prettier-ignore
  it.each([
    ['CatalogRequestMessage',                'PROVIDER', undefined, '/catalog/request'],
    ['Dataset',                              'PROVIDER', 'a/b?c',   '/catalog/datasets/a%2Fb%3Fc'],
    ['ContractRequestMessage',               'PROVIDER', undefined, '/negotiations/request'],
    ['ContractRequestMessage',               'PROVIDER', PID,       `/negotiations/${PID}/request`],
    ['ContractOfferMessage',                 'CONSUMER', undefined, '/negotiations/offers'],
    ['ContractOfferMessage',                 'CONSUMER', PID,       `/negotiations/${PID}/offers`],
    ['ContractAgreementMessage',             'CONSUMER', PID,       `/negotiations/${PID}/agreement`],
    ['ContractAgreementVerificationMessage', 'PROVIDER', PID,       `/negotiations/${PID}/agreement/verification`],
    ['ContractNegotiationEventMessage',      'CONSUMER', PID,       `/negotiations/${PID}/events`],
    ['ContractNegotiation',                  'PROVIDER', PID,       `/negotiations/${PID}`],
    ['TransferRequestMessage',               'PROVIDER', undefined, '/transfers/request'],
    ['TransferStartMessage',                 'CONSUMER', PID,       `/transfers/${PID}/start`],
    ['TransferProcess',                      'CONSUMER', PID,       `/transfers/${PID}`],
  ] as const)('%s to the %s, pid %s', (message, receiver, pid, path) => {
    expect(pathOf(message, receiver, pid)).toBe(path)
  })

  it.each([
    ['ContractAgreementMessage', 'PROVIDER', PID],
    ['ContractAgreementVerificationMessage', 'CONSUMER', PID],
    ['TransferStartMessage', 'CONSUMER', undefined],
    ['TransferRequestMessage', 'PROVIDER', PID],
  ] as const)('does not exist for a %s to the %s with pid %s', (message, receiver, pid) => {
    expect(() => pathOf(message, receiver, pid)).toThrow('has no path')
  })
})

it('the table has every path once for each side', () => {
  const keys = BINDINGS.map(({ method, path, receiver }) => `${receiver} ${method} ${path}`)

  expect(new Set(keys).size).toBe(25)
  expect(keys).toHaveLength(25)
})

describe('a segment', () => {
  it.each([
    [PID, PID],
    ["a-b._~!$&'()*+,;=:@", "a-b._~!$&'()*+,;=:@"],
    ['a/b', 'a%2Fb'],
    ['50%', '50%25'],
    ['灵', '%E7%81%B5'],
    ['...', '...'],
  ])('of %s is %s, and decodes to it', (text, encoded) => {
    expect(segment(text)).toBe(encoded)
    expect(decodeURIComponent(encoded)).toBe(text)
  })

  it.each(['', '.', '..'])('is refused for %j, which would be another path', (text) => {
    expect(() => segment(text)).toThrow('request.malformed')
  })
})
