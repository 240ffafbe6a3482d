// Log lines: what stands in them, and what never does.

import { describe, expect, test } from 'vitest'
import { ProblemError, problem } from '../../../src/kernel/problem.ts'
import { createLogger, type LoggerOptions } from '../../../src/telemetry/logger.ts'

type Line = Readonly<Record<string, unknown>>

/** Logs one event and gives the lines back, as text and as objects. */
function logged(fields: Line, level: LoggerOptions['level'] = 'info', at: LoggerOptions['level'] = 'info') {
  const written: string[] = []
  const log = createLogger({ level, to: { write: (line) => void written.push(line) } })
  log[at]('test.happened', fields)
  const text = written.join('')
  return { text, lines: written.map((line) => JSON.parse(line) as Line) }
}

describe('a log line', () => {
  test('is one JSON object with level, time, event and the fields', () => {
    const { text, lines } = logged({ pid: 'urn:uuid:1', attempts: 2, peer: null })
    expect(text).toMatch(/^[^\n]+\n$/)
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/Z$/) as unknown,
        event: 'test.happened',
        pid: 'urn:uuid:1',
        attempts: 2,
        peer: null,
      },
    ])
  })

  test('has each name once, even where a field is called like one of its own', () => {
    const { text, lines } = logged({ level: 'x', time: 'y', event: 'z' })
    expect(text.match(/"(level|time|event)":/g)).toHaveLength(3)
    expect(lines[0]).toMatchObject({ level: 'info', event: 'test.happened', level_: 'x', time_: 'y', event_: 'z' })
  })

  // prettier-ignore
  test.each([
    ['debug', 'debug', 1], ['info', 'debug', 0], ['warn', 'info', 0], ['warn', 'warn', 1], ['error', 'warn', 0], ['error', 'error', 1],
  ] as const)('at level %s: %s writes %d', (level, at, count) => {
    expect(logged({}, level, at).lines).toHaveLength(count)
  })
})

describe('a secret', () => {
  const secret = 's3cr3t'

  // prettier-ignore
  test.each([
    [{ authorization: secret }],
    [{ headers: { Authorization: `Bearer ${secret}`, 'Proxy-Authorization': secret } }],
    [{ access_token: secret, refreshToken: secret, 'set-cookie': [secret] }],
    [{ key: { d: secret }, masterKey: secret, jwk: secret, privateKey: secret }],
    [{ body: { text: secret }, dataAddress: { endpointProperties: [{ name: 'authorization', value: secret }] } }],
    [{ a: [{ b: { token: secret } }] }],
    [{ note: `sent Bearer ${secret} to the peer` }],
    [{ note: `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.${secret}` }],
    [{ error: new Error(`got Bearer ${secret}`, { cause: new Error(`Basic ${secret}`) }) }],
    [{ problem: problem('token.malformed', `got Bearer ${secret}`) }],
    [{ bytes: Buffer.from(secret) }],
  ])('is never written: %j', (fields) => {
    const { text } = logged(fields)
    expect(text).toContain('test.happened')
    expect(text).not.toContain(secret)
  })
})

describe('a Problem', () => {
  const expected = { code: 'move.illegal', kind: 'refused', message: 'expected OFFERED', path: 'state' }

  test('is written in one form, whether it comes as a value or on its way up, and without a stack', () => {
    const value = problem('move.illegal', 'expected OFFERED', 'state')
    expect(logged({ problem: value }).lines[0]).toMatchObject({ problem: expected })
    expect(logged({ error: new ProblemError(value) }).lines[0]?.['error']).toEqual(expected)
  })

  test('keeps its cause', () => {
    const error = new ProblemError(problem('peer.unreachable', 'no answer'), { cause: new Error('ECONNRESET') })
    expect(logged({ error }).lines[0]).toMatchObject({
      error: { code: 'peer.unreachable', cause: { message: 'ECONNRESET' } },
    })
  })

  test('is told from other things with a code and a message', () => {
    expect(logged({ answer: { code: 'theirs', message: 'no', status: 409 } }).lines[0]).toMatchObject({
      answer: { code: 'theirs', message: 'no', status: 409 },
    })
  })
})

test('an Error that is a bug is written with its stack and its causes, to an end', () => {
  const error = new Error('outer')
  error.cause = error
  const { lines } = logged({ error })
  expect(lines[0]).toMatchObject({
    error: { type: 'Error', message: 'outer', stack: expect.stringContaining('logger.test') as unknown },
  })
})

describe('a line', () => {
  test('has an end: long texts, long lists, many fields and deep nesting are cut, and say so', () => {
    const deep = (levels: number): unknown => (levels === 0 ? 'bottom' : { below: deep(levels - 1) })
    const { text } = logged({
      long: 'x'.repeat(100_000),
      list: Array.from({ length: 10_000 }, () => 1),
      many: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n])),
      deep: deep(100),
    })
    expect(text.length).toBeLessThan(5_000)
    expect(text).toContain('9950 more')
    expect(text).not.toContain('bottom')
  })

  test('has the number of bytes in place of the bytes', () => {
    expect(logged({ bytes: new Uint8Array(6) }).lines[0]).toMatchObject({ bytes: '6 bytes' })
  })

  test('survives what JSON cannot say', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    const { lines } = logged({ circle, big: 2n ** 70n, fn: () => 1, symbol: Symbol('x'), nothing: undefined })
    expect(lines[0]).toMatchObject({ event: 'test.happened', big: '1180591620717411303424' })
  })
})
