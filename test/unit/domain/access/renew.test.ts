// May this refresh token be exchanged for another pair? Every refusal, and what becomes of the pairs before and beside it.

import { describe, expect, test } from 'vitest'
import { renewToken, type RenewRows } from '../../../../src/domain/access/renew.ts'
import { accessTokenHash } from '../../../../src/domain/delivery/access-token.ts'
import type { AccessTokenRow } from '../../../../src/domain/ledger.ts'
import { instant, later } from '../../../../src/kernel/time.ts'
import {
  agreementAs,
  BY_MOONLIGHT,
  CONSUMER,
  entriesOf,
  entryTypesOf,
  NOTHING_USED,
  dataset,
  NOW,
  outboxRow,
  OWN_PID,
  peer,
  putsOf,
  sceneAs,
  STRANGER,
  transferAs,
} from '../../../fixtures/builders.ts'

const SCENE = sceneAs('PROVIDER')
const REQUEST = {
  sender: CONSUMER,
  replay: { iss: CONSUMER, jti: 'j', expiresAt: later(NOW, 1_000) },
  refreshHash: 'r1',
}
const STARTED = transferAs('PROVIDER', { state: 'STARTED' })

function token(hash: string, more: Partial<AccessTokenRow> = {}): AccessTokenRow {
  const row = {
    hash,
    transferPid: OWN_PID,
    messageId: 'urn:uuid:start' as never,
    expiresAt: instant(NOW - 1),
    usedAt: NOW,
  }
  return { ...row, refreshHash: 'r1', startedAt: NOW, ...more }
}

function rows(more: Partial<RenewRows> = {}): RenewRows {
  return {
    replayed: false,
    token: token('a1'),
    tokens: [token('a1')],
    transfer: STARTED,
    agreement: agreementAs('PROVIDER'),
    peer: peer(),
    dataset: dataset(),
    isAdmitted: true,
    ...NOTHING_USED,
    outbox: null,
    ...more,
  }
}

const renew = (more: Partial<RenewRows> = {}, request: Partial<typeof REQUEST> = {}) =>
  renewToken(rows(more), { ...REQUEST, ...request }, SCENE)

describe('a renewal', () => {
  test('gives a pair of which only digests are kept, in the place of the one before, though that has expired', () => {
    const { write, result } = renew()
    const { accessToken, refreshToken } = SCENE.fresh
    expect(result).toEqual({ ok: true, value: { authorization: accessToken, refreshToken, expiresInS: 300 } })
    expect(putsOf(write, 'accessToken')).toEqual([
      {
        hash: accessTokenHash(accessToken),
        transferPid: OWN_PID,
        messageId: 'urn:uuid:start',
        expiresAt: later(NOW, 300_000),
        usedAt: null,
        refreshHash: accessTokenHash(refreshToken),
        startedAt: NOW,
      },
    ])
    expect(putsOf(write, 'replay')).toEqual([REQUEST.replay])
    expect(entryTypesOf(write)).toEqual(['token.renewed'])
    for (const secret of [accessToken, refreshToken]) expect(JSON.stringify(entriesOf(write))).not.toContain(secret)
  })

  test('leaves the pair that it was asked for with, and takes those that were given for it and never used', () => {
    const unused = token('a2', { usedAt: null, refreshHash: 'r2' })
    const used = token('a3', { refreshHash: 'r3' })
    const { write } = renew({ tokens: [token('a1'), unused, used] })
    expect(write.filter((each) => 'remove' in each)).toEqual([{ remove: 'accessToken', key: ['a2'] }])
  })

  test('leaves the tokens of a later start alone', () => {
    const later = token('b1', { messageId: 'urn:uuid:later-start' as never, usedAt: null, startedAt: instant(NOW + 1) })
    const { write } = renew({ tokens: [token('a1'), later] })
    expect(write.some((each) => 'remove' in each)).toBe(false)
  })

  test('is a use of the pair: those before it die, as when its access token is used', () => {
    const second = token('a2', { usedAt: null })
    const { write } = renew({ token: second, tokens: [token('a1', { refreshHash: 'r0' }), second] })
    expect(write).toContainEqual({ remove: 'accessToken', key: ['a1'] })
    expect(putsOf(write, 'accessToken')).toContainEqual({ ...second, usedAt: NOW })
  })

  test('proves that the start arrived whose ACK has not', () => {
    const transfer = transferAs('PROVIDER', { unacknowledged: 'TransferStartMessage' })
    const outbox = outboxRow({ kind: 'transfer', move: 'TransferStartMessage', messageId: 'urn:uuid:start' as never })
    const { write, result } = renew({ transfer, outbox })
    expect(result.ok).toBe(true)
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'STARTED', unacknowledged: null }])
  })

  test('is given though all uses are taken: what was begun may go on', () => {
    const constraint = [{ leftOperand: 'count', operator: 'lteq', rightOperand: '1' }] as const
    expect(
      renew({ agreement: agreementAs('PROVIDER', { permission: [{ action: 'use', constraint }] }), used: 1 }).result.ok,
    ).toBe(true)
  })
})

describe('is refused', () => {
  const suspending = transferAs('PROVIDER', { state: 'STARTED', unacknowledged: 'TransferSuspensionMessage' })
  const resuming = transferAs('PROVIDER', { state: 'SUSPENDED', unacknowledged: 'TransferStartMessage' })
  const past = [{ leftOperand: 'dateTime', operator: 'lt', rightOperand: '2020-01-01T00:00:00Z' }] as const

  // prettier-ignore
  test.each<[string, Partial<RenewRows>, Partial<typeof REQUEST>, string, boolean]>([
    ['with a token of nobody',                  { token: null, transfer: null, agreement: null },                         {},                       'token.unknown',             false],
    ['to another participant',                  {},                                                                       { sender: STRANGER },     'token.unknown',             true],
    ['with another refresh token',              {},                                                                       { refreshHash: 'r2' },    'token.unknown',             true],
    ['with a token that cannot be renewed',     { token: token('a1', { refreshHash: null }) },                            {},                       'token.unknown',             true],
    ['before the start',                        { transfer: transferAs('PROVIDER') },                                     {},                       'transfer.not-started',      true],
    ['while it is suspended',                   { transfer: transferAs('PROVIDER', { state: 'SUSPENDED' }) },             {},                       'transfer.not-started',      true],
    ['while our suspension is on its way',      { transfer: suspending },                                                 {},                       'transfer.not-started',      true],
    ['while another start is on its way',       { transfer: resuming, outbox: outboxRow() },                              {},                       'transfer.not-started',      true],
    ['after the end',                           { transfer: transferAs('PROVIDER', { state: 'COMPLETED' }) },             {},                       'transfer.not-started',      true],
    ['once the agreement was ended',            { agreement: agreementAs('PROVIDER', undefined, { endedAt: NOW }) },      {},                       'agreement.ended',           true],
    ['to whoever is not admitted any more',     { isAdmitted: false },                                                    {},                       'participant.not-admitted',  true],
    ['after the time of the policy',            { agreement: agreementAs('PROVIDER', { permission: [{ action: 'use', constraint: past }] }) }, {},  'policy.denied',             true],
    ['under a policy that is not understood',   { agreement: agreementAs('PROVIDER', BY_MOONLIGHT) },                     {},                       'policy.not-understood',     true],
  ])('%s', (_what, more, request, code, isOnRecord) => {
    const { write, result } = renew(more, request)
    expect(result).toMatchObject({ ok: false, isGrant: true, problem: { code } })
    expect(entryTypesOf(write)).toEqual(isOnRecord ? ['token.refused'] : [])
    expect(putsOf(write, 'accessToken')).toEqual([])
    // The token of the request is used up in any case.
    expect(putsOf(write, 'replay')).toHaveLength(1)
  })

  test('with a client token that was used before, whatever else is right: nothing is written', () => {
    expect(renew({ replayed: true })).toMatchObject({
      write: [],
      result: { ok: false, isGrant: false, problem: { code: 'token.replayed' } },
    })
  })
})
