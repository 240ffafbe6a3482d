// Rule 4: which message was answered before.

import { describe, expect, test } from 'vitest'
import { earlierAnswer } from '../../../../src/domain/exchange/redelivery.ts'
import { inboxRow } from '../../../fixtures/builders.ts'

const BODY = 'sha-256:body'
const NAMED = { messageId: 'urn:uuid:message', bodyDigest: BODY }
const NAMELESS = { messageId: '', bodyDigest: BODY }

describe('a message with an @id', () => {
  test.each(['REQUESTED', 'TERMINATED'])('that was answered before gets that answer, also in %s', (state) => {
    const answered = inboxRow({ ...NAMED, stateAfter: 'REQUESTED' })
    expect(earlierAnswer(NAMED, state, answered, null)).toBe(answered)
  })

  test('that was refused before is refused again', () => {
    const answered = inboxRow({ ...NAMED, accepted: false, problem: { code: 'move.illegal', message: 'no' } })
    expect(earlierAnswer(NAMED, 'REQUESTED', answered, null)).toBe(answered)
  })

  test('that is new is new, even when it says the same as the last one', () => {
    expect(earlierAnswer(NAMED, 'REQUESTED', null, inboxRow({ ...NAMELESS, stateAfter: 'REQUESTED' }))).toBeNull()
    expect(earlierAnswer(NAMED, 'REQUESTED', null, inboxRow({ ...NAMED, messageId: 'urn:uuid:other' }))).toBeNull()
  })
})

describe('a message without an @id', () => {
  const last = inboxRow({ ...NAMELESS, stateAfter: 'SUSPENDED' })

  test('is a repeat of the last one while nothing has happened since', () => {
    expect(earlierAnswer(NAMELESS, 'SUSPENDED', null, last)).toBe(last)
  })

  test.each([
    ['the process has moved on', 'STARTED', last],
    ['the last one said something else', 'SUSPENDED', inboxRow({ ...last, bodyDigest: 'sha-256:other' })],
    ['the last one had an @id', 'SUSPENDED', inboxRow({ ...last, messageId: 'urn:uuid:message' })],
    ['there was none', 'SUSPENDED', null],
  ])('is new where %s', (_, state, before) => {
    expect(earlierAnswer(NAMELESS, state, null, before)).toBeNull()
  })

  test('is new although equal bytes were answered before, when others came between', () => {
    const answered = inboxRow({ ...NAMELESS, stateAfter: 'SUSPENDED' })
    const between = inboxRow({ messageId: '', bodyDigest: 'sha-256:start', stateAfter: 'STARTED' })
    expect(earlierAnswer(NAMELESS, 'STARTED', answered, between)).toBeNull()
  })
})
