// Every message that we send is one that we would accept, with the pids under their names on the wire.

import { describe, expect, test } from 'vitest'
import {
  bothPids,
  composeNegotiation,
  composeTransfer,
  knownPids,
  type Contents,
} from '../../../../src/domain/exchange/compose.ts'
import { NEGOTIATION, negotiationMoveOf } from '../../../../src/domain/exchange/negotiation.ts'
import { TRANSFER } from '../../../../src/domain/exchange/transfer.ts'
import { writeDataAddress } from '../../../../src/protocol/dsp/data-address.ts'
import { pathOf } from '../../../../src/protocol/dsp/paths.ts'
import { parseMessage } from '../../../../src/protocol/dsp/validate.ts'
import { other, type MessageId } from '../../../../src/protocol/ids.ts'
import { readAgreement, readMessageOffer } from '../../../../src/protocol/odrl/normalise.ts'
import {
  agreementOn,
  IN_VIET_NAM,
  negotiationAs,
  offer,
  OWN_PID,
  PEER_PID,
  transferAs,
} from '../../../fixtures/builders.ts'

const RULES = { permission: [{ action: 'use', constraint: [IN_VIET_NAM] }], prohibition: [{ action: 'distribute' }] }
const CONTENTS: Contents = {
  messageId: 'urn:uuid:message' as MessageId,
  callbackAddress: 'https://own.example/dsp/2025-1',
  agreement: agreementOn(RULES),
  dataAddress: writeDataAddress({ endpoint: 'https://own.example/data/1', authorization: 'token' }),
  code: 'by-hand',
  reason: 'no longer needed',
}
const sent = (json: unknown): unknown => JSON.parse(JSON.stringify(json))

const negotiationMoves = NEGOTIATION.arrows.flatMap(({ move, by }) => by.map((role) => [role, move] as const))
const transferMoves = TRANSFER.arrows.flatMap(({ move, by }) => by.map((role) => [role, move] as const))

describe('a message of a negotiation', () => {
  test.each(negotiationMoves)('as %s: %s is valid, makes that move, and has a path', (role, move) => {
    const opens = move.endsWith(':initial')
    const process = negotiationAs(role, { offer: offer(RULES), peerPid: opens ? null : PEER_PID })
    const message = composeNegotiation(process, move, CONTENTS)

    const parsed = parseMessage(message['@type'], sent(message))
    expect(parsed).toMatchObject({ ok: true, value: { '@id': 'urn:uuid:message', ...knownPids(process) } })
    expect(negotiationMoveOf(message)).toBe(move)
    expect('callbackAddress' in message).toBe(opens)
    expect(pathOf(message['@type'], other(role), opens ? undefined : PEER_PID)).toMatch(/^\/negotiations\//)
  })

  test('carries the offer and the agreement so that they are read back as they were', () => {
    const request = sent(
      composeNegotiation(negotiationAs('CONSUMER', { offer: offer(RULES) }), 'ContractRequestMessage', CONTENTS),
    )
    const agreed = sent(composeNegotiation(negotiationAs('PROVIDER'), 'ContractAgreementMessage', CONTENTS))
    expect(readMessageOffer((request as { offer: unknown }).offer, 'offer')).toEqual({ ok: true, value: offer(RULES) })
    expect(readAgreement((agreed as { agreement: unknown }).agreement, 'agreement')).toEqual({
      ok: true,
      value: agreementOn(RULES),
    })
  })
})

describe('a message of a transfer', () => {
  test.each(transferMoves)('as %s: %s is valid and has a path', (role, move) => {
    const opens = move === 'TransferRequestMessage'
    const process = transferAs(role, { peerPid: opens ? null : PEER_PID })
    // A pull has no data address in its request.
    const { dataAddress, ...rest } = CONTENTS
    const message = composeTransfer(
      process,
      move,
      opens ? rest : { ...rest, ...(dataAddress !== undefined && { dataAddress }) },
    )

    expect(parseMessage(message['@type'], sent(message))).toMatchObject({
      ok: true,
      value: { '@id': 'urn:uuid:message', ...knownPids(process) },
    })
    expect('callbackAddress' in message).toBe(opens)
    expect('dataAddress' in message).toBe(move === 'TransferStartMessage')
    expect(pathOf(message['@type'], other(role), opens ? undefined : PEER_PID)).toMatch(/^\/transfers\//)
  })
})

test('the words of an end or a pause stand in it only where there are some', () => {
  const { code: _, reason: __, ...silent } = CONTENTS
  const ends = (contents: Contents) => [
    composeNegotiation(negotiationAs('CONSUMER'), 'ContractNegotiationTerminationMessage', contents),
    composeTransfer(transferAs('CONSUMER'), 'TransferTerminationMessage', contents),
    composeTransfer(transferAs('CONSUMER'), 'TransferSuspensionMessage', contents),
  ]
  for (const message of ends(CONTENTS)) expect(message).toMatchObject({ code: 'by-hand', reason: ['no longer needed'] })
  for (const message of ends(silent)) expect(Object.keys(message)).not.toContain('reason')
})

test('a pid that is not known is left out, never invented', () => {
  expect(knownPids(negotiationAs('CONSUMER', { peerPid: null }))).toEqual({ consumerPid: OWN_PID })
  expect(knownPids(negotiationAs('PROVIDER', { peerPid: null }))).toEqual({ providerPid: OWN_PID })
  expect(bothPids(transferAs('CONSUMER'))).toEqual({ consumerPid: OWN_PID, providerPid: PEER_PID })
  expect(() => bothPids(transferAs('CONSUMER', { peerPid: null }))).toThrow('invariant broken')
})
