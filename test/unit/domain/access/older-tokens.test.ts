// Tokens of a transfer that was started more than once: which of them die, and when.

import { expect, test } from 'vitest'
import { admitDelivery, type AccessRows } from '../../../../src/domain/access/admit.ts'
import type { AccessTokenRow, Write } from '../../../../src/domain/ledger.ts'
import { instant } from '../../../../src/kernel/time.ts'
import type { MessageId } from '../../../../src/protocol/ids.ts'
import {
  agreementAs,
  dataset,
  NOTHING_USED,
  NOW,
  OWN_PID,
  peer,
  sceneAs,
  transferAs,
} from '../../../fixtures/builders.ts'

const FIRST = token('first')
const SECOND = token('second')
const THIRD = token('third')

function token(hash: string, more: Partial<AccessTokenRow> = {}): AccessTokenRow {
  const messageId = `urn:uuid:${hash}` as MessageId
  return {
    hash,
    transferPid: OWN_PID,
    messageId,
    expiresAt: instant(NOW + 1_000),
    usedAt: null,
    refreshHash: null,
    startedAt: NOW,
    ...more,
  }
}

function removedBy(used: AccessTokenRow, tokens: readonly AccessTokenRow[]): readonly (readonly string[])[] {
  const rows: AccessRows = {
    token: used,
    tokens,
    transfer: transferAs('PROVIDER', { state: 'STARTED' }),
    agreement: agreementAs('PROVIDER'),
    dataset: dataset(),
    peer: peer(),
    isAdmitted: true,
    ...NOTHING_USED,
    outbox: null,
    earlier: [],
  }
  const request = { transferPid: OWN_PID, deliveryId: 'urn:uuid:delivery', counts: true, purpose: null }
  const { write, result } = admitDelivery(rows, request, sceneAs('PROVIDER'))
  expect(result.ok).toBe(true)
  return write.flatMap((each: Write) => ('remove' in each ? [each.key] : []))
}

test('the first use of the newest token ends those of all earlier starts', () => {
  const removed = removedBy(THIRD, [FIRST, SECOND, THIRD])

  expect(removed).toEqual([['first'], ['second']])
})

test('the first use of an earlier token leaves those of later starts alone', () => {
  const removed = removedBy(SECOND, [FIRST, SECOND, THIRD])

  expect(removed).toEqual([['first']])
})

test('a token that was used before ends nothing more', () => {
  const used = token('third', { usedAt: NOW })

  const removed = removedBy(used, [FIRST, used])

  expect(removed).toEqual([])
})
