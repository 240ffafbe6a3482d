// May this token read this now? Every refusal by its code, and what is counted, settled and given back.

import { describe, expect, test } from 'vitest'
import { admitDelivery, mayContinue, type AccessRequest, type AccessRows } from '../../../../src/domain/access/admit.ts'
import type { AccessTokenRow } from '../../../../src/domain/ledger.ts'
import { instant } from '../../../../src/kernel/time.ts'
import type { MessageId } from '../../../../src/protocol/ids.ts'
import type { Constraint, Rules } from '../../../../src/protocol/odrl/types.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  BY_MOONLIGHT,
  dataset,
  entriesOf,
  entryTypesOf,
  IN_VIET_NAM,
  NOTHING_USED,
  NOW,
  outboxRow,
  OWN_PID,
  peer,
  putsOf,
  sceneAs,
  transferAs,
  USE,
} from '../../../fixtures/builders.ts'

const OLD = 'urn:uuid:first-start' as MessageId
const NEW = 'urn:uuid:second-start' as MessageId

function token(more: Partial<AccessTokenRow> = {}): AccessTokenRow {
  return {
    hash: 'aa',
    transferPid: OWN_PID,
    messageId: OLD,
    expiresAt: instant(NOW + 1),
    usedAt: NOW,
    refreshHash: null,
    startedAt: NOW,
    ...more,
  }
}

function rows(more: Partial<AccessRows> = {}): AccessRows {
  return {
    token: token(),
    transfer: transferAs('PROVIDER', { state: 'STARTED' }),
    agreement: agreementAs('PROVIDER'),
    dataset: dataset(),
    peer: peer(),
    isAdmitted: true,
    ...NOTHING_USED,
    outbox: null,
    tokens: [token()],
    earlier: [],
    ...more,
  }
}

const REQUEST: AccessRequest = { transferPid: OWN_PID, deliveryId: 'urn:uuid:d', counts: true, purpose: null }
const admit = (more: Partial<AccessRows> = {}, request: Partial<AccessRequest> = {}) =>
  admitDelivery(rows(more), { ...REQUEST, ...request }, sceneAs('PROVIDER'))

function only(...constraint: readonly Constraint[]): Rules {
  return { permission: [{ action: 'use', constraint }] }
}
const TWICE = only({ leftOperand: 'count', operator: 'lteq', rightOperand: '2' })
const PAUSED = transferAs('PROVIDER', { state: 'SUSPENDED' })
const RESUMING = transferAs('PROVIDER', { state: 'SUSPENDED', unacknowledged: 'TransferStartMessage' })
const RESUME = outboxRow({ kind: 'transfer', move: 'TransferStartMessage', messageId: NEW })

describe('a delivery', () => {
  test('that is admitted is counted, opened and put on record in one write', () => {
    const { write, result } = admit()
    expect(result).toMatchObject({ ok: true, value: { delivery: { id: 'urn:uuid:d', outcome: 'open', bytes: 0 } } })
    expect(putsOf(write, 'counter')).toEqual([{ agreementId: AGREEMENT_ID, action: 'use', used: 1 }])
    expect(putsOf(write, 'delivery')).toMatchObject([{ id: 'urn:uuid:d', transferPid: OWN_PID, startedAt: NOW }])
    expect(entryTypesOf(write)).toEqual(['decision', 'usage.counted', 'delivery.started'])
  })

  // prettier-ignore
  test.each<[string, Partial<AccessRows>, Partial<AccessRequest>, string]>([
    ['with a token that nobody gave',       { token: null, transfer: null },                                            {},                                   'token.unknown'],
    ['with the token of another transfer',  {},                                                                         { transferPid: 'urn:uuid:other' },    'token.unknown'],
    ['with a token that has expired',       { token: token({ expiresAt: NOW }) },                                       {},                                   'token.expired'],
    ['before the start',                    { transfer: transferAs('PROVIDER') },                                       {},                                   'transfer.not-started'],
    ['while it is suspended',               { transfer: PAUSED },                                                       {},                                   'transfer.not-started'],
    ['while our suspension is on its way',  { transfer: transferAs('PROVIDER', { state: 'STARTED', unacknowledged: 'TransferSuspensionMessage' }) }, {},          'transfer.not-started'],
    ['while our termination is on its way', { transfer: transferAs('PROVIDER', { state: 'STARTED', unacknowledged: 'TransferTerminationMessage' }) }, {},         'transfer.not-started'],
    ['when it is to end',                   { transfer: transferAs('PROVIDER', { state: 'STARTED', ending: true }) },   {},                                   'transfer.not-started'],
    ['after its completion',                { transfer: transferAs('PROVIDER', { state: 'COMPLETED' }) },               {},                                   'transfer.not-started'],
    ['after its end',                       { transfer: transferAs('PROVIDER', { state: 'TERMINATED' }) },              {},                                   'transfer.not-started'],
    ['of a dataset that is gone',           { dataset: null },                                                          {},                                   'resource.unknown'],
    ['without its agreement',               { agreement: null },                                                        {},                                   'resource.unknown'],
    ['to a peer that was removed',          { isAdmitted: false },                                                      {},                                   'participant.not-admitted'],
    ['under an agreement that was ended',   { agreement: agreementAs('PROVIDER', USE, { endedAt: NOW }) },              {},                                   'agreement.ended'],
    ['in the wrong country',                { agreement: agreementAs('PROVIDER', only(IN_VIET_NAM)), peer: peer({ claims: { country: 'CN' } }) }, {},            'policy.denied'],
    ['in a country that nobody knows',      { agreement: agreementAs('PROVIDER', only(IN_VIET_NAM)), peer: null },      {},                                   'policy.denied'],
    ['under rules that are not understood', { agreement: agreementAs('PROVIDER', BY_MOONLIGHT) },                       {},                                   'policy.not-understood'],
    ['one more than is agreed',             { agreement: agreementAs('PROVIDER', TWICE), used: 2 },                     {},                                   'policy.denied'],
  ])('%s is refused, and nothing is counted', (_, more, request, code) => {
    const { write, result } = admit(more, request)
    expect(result).toMatchObject({ ok: false, problem: { code } })
    expect(putsOf(write, 'counter')).toEqual([])
    expect(putsOf(write, 'delivery')).toEqual([])
  })

  test('that the policy denies is evidence with its reason; one without a valid token leaves nothing', () => {
    const denied = admit({ agreement: agreementAs('PROVIDER', TWICE), used: 2 })
    expect(entriesOf(denied.write)).toMatchObject([
      { type: 'decision', agreement: AGREEMENT_ID, ext: { phase: 'start', used: 2 } },
    ])
    expect(denied.result.ok ? '' : denied.result.problem.path).toContain('permission[0]')
    expect(admit({ token: null, transfer: null }).write).toEqual([])
  })

  test('may be the last that is agreed, and is counted as it', () => {
    const { write, result } = admit({ agreement: agreementAs('PROVIDER', TWICE), used: 1 })
    expect(result.ok).toBe(true)
    expect(putsOf(write, 'counter')).toMatchObject([{ used: 2 }])
  })

  test('of the head alone is decided and put on record but counts nothing', () => {
    const { write, result } = admit({}, { counts: false })
    expect(result.ok).toBe(true)
    expect(write.filter((each) => 'put' in each)).toEqual([])
    expect(entryTypesOf(write)).toEqual(['decision'])
  })
})

describe('the token of a start whose ACK has not come', () => {
  const fresh = token({ hash: 'bb', messageId: NEW, usedAt: null })
  const both = [token(), fresh]

  test('proves that the start arrived, and the older token dies with its first use', () => {
    const { write, result } = admit({ transfer: RESUMING, outbox: RESUME, token: fresh, tokens: both })
    expect(result).toMatchObject({ ok: true, value: { transfer: { state: 'STARTED', unacknowledged: null } } })
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'STARTED', unacknowledged: null }])
    expect(write).toContainEqual({ remove: 'outbox', key: [OWN_PID] })
    expect(putsOf(write, 'accessToken')).toEqual([{ ...fresh, usedAt: NOW }])
    expect(write).toContainEqual({ remove: 'accessToken', key: ['aa'] })
    expect(entriesOf(write)[0]).toMatchObject({ type: 'message.acknowledged', ext: { how: 'used', state: 'STARTED' } })
  })

  test('does so for the first start too', () => {
    const transfer = transferAs('PROVIDER', { unacknowledged: 'TransferStartMessage' })
    const { write } = admit({ transfer, outbox: RESUME, token: fresh, tokens: [fresh] })
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'STARTED' }])
  })

  test('is the only one that counts: an older token proves nothing while the transfer is suspended', () => {
    const { write, result } = admit({ transfer: RESUMING, outbox: RESUME, tokens: both })
    expect(result).toMatchObject({ ok: false, problem: { code: 'transfer.not-started' } })
    expect(write).toEqual([])
  })

  test('settles the start also where the policy denies the delivery', () => {
    const agreement = agreementAs('PROVIDER', TWICE)
    const { write, result } = admit({
      transfer: RESUMING,
      outbox: RESUME,
      token: fresh,
      tokens: both,
      agreement,
      used: 2,
    })
    expect(result).toMatchObject({ ok: false, problem: { code: 'policy.denied' } })
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'STARTED' }])
    expect(entryTypesOf(write)).toEqual(['message.acknowledged', 'decision'])
  })
})

describe('a stream that runs', () => {
  const going = (more: Partial<AccessRows> = {}) => mayContinue(rows(more), { purpose: null }, NOW)

  test('goes on; its own use does not stop it', () => {
    expect(going()).toEqual({ ok: true, checkAt: null, bytesLeft: null, recordsLeft: null })
    expect(going({ agreement: agreementAs('PROVIDER', TWICE), used: 2 })).toMatchObject({ ok: true })
  })

  test('is asked again when time alone can change the answer', () => {
    const until = only({ leftOperand: 'dateTime', operator: 'lteq', rightOperand: '2026-06-01T12:00:10Z' })
    const answer = going({ agreement: agreementAs('PROVIDER', until) })
    expect(answer.ok && answer.checkAt !== null && answer.checkAt > NOW && answer.checkAt <= NOW + 10_001).toBe(true)
  })

  // prettier-ignore
  test.each<[string, Partial<AccessRows>, string]>([
    ['the transfer is suspended',      { transfer: PAUSED },                                           'transfer.not-started'],
    ['our suspension is on its way',   { transfer: transferAs('PROVIDER', { state: 'STARTED', unacknowledged: 'TransferSuspensionMessage' }) }, 'transfer.not-started'],
    ['the agreement was ended',        { agreement: agreementAs('PROVIDER', USE, { endedAt: NOW }) },  'agreement.ended'],
    ['the peer was removed',           { isAdmitted: false },                                          'participant.not-admitted'],
    ['the peer lost its claim',        { agreement: agreementAs('PROVIDER', only(IN_VIET_NAM)), peer: null }, 'policy.denied'],
    ['the transfer is not here',       { transfer: null },                                             'resource.unknown'],
  ])('is cut when %s', (_, more, code) => {
    expect(going(more)).toMatchObject({ ok: false, problem: { code } })
  })
})
