import { describe, expect, test } from 'vitest'
import { peerProblem } from '../../../src/dataplane/peer-answer.ts'

const PROBLEM = { 'content-type': 'application/problem+json; charset=utf-8' }

function answer(
  status: number,
  body: unknown,
  headers: Record<string, string> = PROBLEM,
): Parameters<typeof peerProblem>[0] {
  return { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }
}

describe("a peer's refusal", () => {
  test('keeps code, sentence and path when the code is one of ours', () => {
    const refusal = answer(403, {
      status: 403,
      code: 'policy.denied',
      detail: 'count: expected at most 2',
      path: 'permission[0]',
    })

    expect(peerProblem(refusal)).toEqual({
      code: 'policy.denied',
      message: 'count: expected at most 2',
      path: 'permission[0]',
    })
  })

  // prettier-ignore
  test.each<[string, ReturnType<typeof answer>, string, string]>([
    ['an unknown code',               answer(403, { code: 'X-17', detail: 'no' }),                    'peer.refused',     'the peer answered 403: no'],
    ['an inherited name as code',     answer(403, { code: 'constructor', detail: 'no' }),             'peer.refused',     'the peer answered 403: no'],
    ["the peer's own bug",            answer(500, { code: 'defect', detail: 'a bug' }),               'peer.unreachable', 'the peer answered 500: a bug'],
    ['no problem document',           answer(403, { code: 'policy.denied', detail: 'no' }, {}),       'peer.refused',     'the peer answered 403: no'],
    ['another media type that begins alike', answer(403, { code: 'policy.denied', detail: 'no' }, { 'content-type': 'application/problem+jsonx' }), 'peer.refused', 'the peer answered 403: no'],
    ['no body',                       answer(401, ''),                                                'peer.refused',     'the peer answered 401'],
    ['text',                          answer(403, 'go\naway\u001b[2J'),                               'peer.refused',     'the peer answered 403: go away [2J'],
    ['a redirect',                    answer(302, ''),                                                'peer.malformed',   'the peer answered 302'],
    ['partial content unasked',       answer(206, ''),                                                'peer.malformed',   'the peer answered 206'],
    ['a peer that is too busy',       answer(429, ''),                                                'peer.unreachable', 'the peer answered 429'],
    ['a gateway',                     answer(502, ''),                                                'peer.unreachable', 'the peer answered 502'],
  ])('with %s becomes a code of ours', (_, given, code, message) => {
    expect(peerProblem(given)).toEqual({ code, message })
  })

  test('is kept to 2,048 characters, and a path that is no short line is dropped', () => {
    const refusal = answer(403, { code: 'policy.denied', detail: 'x'.repeat(10_000), path: 'y'.repeat(257) })

    const { message, path } = peerProblem(refusal)

    expect(message.length).toBeLessThanOrEqual(2_048)
    expect(path).toBeUndefined()
  })

  test('is read though its text is surrounded by what is no JSON white space', () => {
    const refusal = answer(403, '\u00a0{"code":"policy.denied","detail":"no","path":"p"}')

    expect(peerProblem(refusal)).toEqual({ code: 'policy.denied', message: 'no', path: 'p' })
  })
})
