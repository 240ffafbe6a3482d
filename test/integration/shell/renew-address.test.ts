// The data address of a transfer that we consume: renewed in time, by one call however many want it, and never lost by a failure.

import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HttpCall, HttpRequest, HttpResponse, HttpStreamCall } from '../../../src/kernel/http-call.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { later, type Instant } from '../../../src/kernel/time.ts'
import { writeDataAddress } from '../../../src/protocol/dsp/data-address.ts'
import { createFetchData } from '../../../src/shell/fetch-data.ts'
import { createRenewAddress } from '../../../src/shell/renew-address.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { agreementAs, CONSUMER, negotiationAs, NOW, OWN_PID, sceneAs, transferAs } from '../../fixtures/builders.ts'
import type { Transfer } from '../../../src/domain/exchange/transfer.ts'

const LIFE_S = 100
const ADDRESS = { endpoint: 'https://peer.example/data/x', authorization: 'first', expiresInS: LIFE_S }
const REFRESH = { refreshToken: 'refresh-first', refreshEndpoint: 'https://peer.example/data/token' }

/** What the provider's token endpoint answers, in order (a text with 400); then pairs with the number of the call. */
type Answer = number | string | object | ProblemError

async function world(more: Partial<Transfer> = {}, answers: readonly Answer[] = []) {
  let at: Instant = NOW
  let n = 0
  const store = openStore({
    file: ':memory:',
    now: NOW,
    origin: CONSUMER,
    nonce: () => (n++).toString(16).padStart(32, '0'),
  })
  onTestFinished(() => {
    store.close()
  })
  const asked: HttpRequest[] = []
  const call: HttpCall = async (request) => {
    asked.push(request)
    await Promise.resolve()
    const answer = answers[asked.length - 1] ?? {
      access_token: `access-${String(asked.length)}`,
      refresh_token: `refresh-${String(asked.length)}`,
      token_type: 'Bearer',
      expires_in: LIFE_S,
    }
    if (answer instanceof ProblemError) throw answer
    return reply(answer)
  }
  const timers: { ms: number; wake: () => void; isOff: boolean }[] = []
  const renewAddress = createRenewAddress({
    store,
    newScene: () => ({ ...sceneAs('CONSUMER'), now: at }),
    clock: () => at,
    setTimer: (ms, wake) => {
      const timer = { ms, wake, isOff: false }
      timers.push(timer)
      return () => {
        timer.isOff = true
      }
    },
    log: silentLog,
    call,
    issueForToken: (audience, token) => `Bearer signed for ${audience} and ${token}`,
    timeoutMs: 1_000,
    answerBytesMax: 10_000,
  })
  const dataAddress = writeDataAddress({ ...ADDRESS, ...REFRESH })
  const row = transferAs('CONSUMER', { state: 'STARTED', dataAddress, addressAt: NOW, ...more })
  await store.transact(
    () => null,
    () => ({
      write: [
        { put: 'negotiation', row: negotiationAs('CONSUMER') },
        { put: 'agreement', row: agreementAs('CONSUMER') },
        { put: 'transfer', row },
      ],
      result: null,
    }),
  )
  return {
    store,
    asked,
    timers,
    renewAddress,
    pass: (seconds: number) => {
      at = later(at, seconds * 1_000)
    },
    now: () => at,
    token: async () => (await renewAddress.current(OWN_PID)).address.authorization,
    entries: (type: string) => store.reader.evidence(0, 100).filter((entry) => entry.type === type),
    everything: () => JSON.stringify([store.reader.evidence(0, 100)]),
  }
}

function reply(answer: number | string | object): HttpResponse {
  if (typeof answer === 'string') return { status: 400, headers: {}, body: Buffer.from(answer) }
  const isStatus = typeof answer === 'number'
  const body = isStatus
    ? '{"error":"invalid_grant","error_description":"refresh-first is known"}'
    : JSON.stringify(answer)
  return { status: isStatus ? answer : 200, headers: {}, body: Buffer.from(body) }
}

const unreachable = new ProblemError(problem('peer.unreachable', 'no answer'))

describe('a token', () => {
  test.each([0, 79])('that has lived %i of 100 seconds is used as it is', async (seconds) => {
    const { token, pass, asked } = await world()
    pass(seconds)
    expect([await token(), asked.length]).toEqual(['first', 0])
  })

  test.each([80, 99, 100, 5_000])('that has lived %i of 100 seconds is renewed before it is used', async (seconds) => {
    const { token, pass, asked, entries, everything, store, now } = await world()
    pass(seconds)
    expect(await token()).toBe('access-1')
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: REFRESH.refreshEndpoint,
        headers: {
          authorization: 'Bearer signed for did:web:provider.example and first',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=refresh_token&refresh_token=refresh-first',
      },
    ])
    expect(entries('token.renewed')).toHaveLength(1)
    for (const secret of ['access-1', 'refresh-1']) expect(everything()).not.toContain(secret)
    expect(store.reader.get('transfer', OWN_PID)?.addressAt).toBe(now())
  })

  test('is renewed with the refresh token that came last, or the one before where none came', async () => {
    const { token, pass, asked } = await world({}, [
      { access_token: 'a', expires_in: LIFE_S },
      { access_token: 'b', refresh_token: 'r', expires_in: '100' },
    ])
    for (const attempt of [1, 2, 3]) {
      expect(attempt).toBeGreaterThan(0)
      pass(90)
      await token()
    }
    expect(asked.map(({ body }) => body)).toEqual(
      ['refresh-first', 'refresh-first', 'r'].map((each) => `grant_type=refresh_token&refresh_token=${each}`),
    )
  })

  test('is renewed by one call however many want it', async () => {
    const { token, pass, asked } = await world()
    pass(90)
    expect(new Set(await Promise.all(Array.from({ length: 20 }, token)))).toEqual(new Set(['access-1']))
    expect(asked).toHaveLength(1)
  })

  test('is renewed at the endpoint of the data where the address names no other', async () => {
    const { token, pass, asked } = await world({
      dataAddress: writeDataAddress({ ...ADDRESS, refreshToken: 'refresh-first' }),
    })
    pass(90)
    await token()
    expect(asked[0]?.url).toBe(ADDRESS.endpoint)
  })

  test('without a refresh token is used for as long as the provider takes it', async () => {
    const { token, pass, asked, renewAddress } = await world({ dataAddress: writeDataAddress(ADDRESS) })
    pass(5_000)
    expect([await token(), asked.length]).toEqual(['first', 0])
    expect(await renewAddress.isUsable(OWN_PID)).toBe(false)
  })

  test('whose life nobody announced is used as it is', async () => {
    const { token, pass, renewAddress } = await world({ addressAt: null })
    pass(5_000)
    expect([await token(), await renewAddress.isUsable(OWN_PID)]).toEqual(['first', true])
  })
})

describe('a renewal that fails', () => {
  test.each<[string, Answer]>([
    ['without an answer', unreachable],
    ['with 503', 503],
    ['with a refusal', 400],
    ['with an answer that is none', { token_type: 'Bearer' }],
    ['with a token that could become two headers', { access_token: 'a\r\nb', expires_in: 1 }],
    ['with a life of no length', { access_token: 'a', expires_in: 0 }],
  ])('%s leaves the old token for as long as it lives, and is tried again after a pause', async (_what, answer) => {
    const { token, pass, asked } = await world({}, [answer])
    pass(85)
    expect(await token()).toBe('first')
    expect([await token(), asked.length]).toEqual(['first', 1])
    pass(11)
    expect([await token(), asked.length]).toEqual(['access-2', 2])
  })

  test('once the old token is over says so, and why', async () => {
    const { token, pass, renewAddress } = await world({}, [400, unreachable])
    pass(100)
    await expect(token()).rejects.toMatchObject({
      problem: { code: 'token.not-renewed', message: expect.stringContaining('the provider answered 400') as string },
    })
    // Whoever cannot be reached has refused nothing: what it holds for us is not given up.
    await expect(renewAddress.isUsable(OWN_PID)).rejects.toMatchObject({ problem: { code: 'token.not-renewed' } })
  })

  test('because the provider refuses is on record, without the tokens that its answer repeats', async () => {
    const { pass, renewAddress, entries, everything } = await world({}, [400])
    pass(100)
    expect(await renewAddress.isUsable(OWN_PID)).toBe(false)
    expect(entries('token.refused')).toHaveLength(1)
    expect(everything()).not.toContain('refresh-first')
  })

  // prettier-ignore
  test.each<[string, string]>([
    ['as they are',           'no re/fresh+first='],
    ['as in a form',          'no refresh_token=re%2Ffresh%2Bfirst%3D'],
    ['as in JSON',            '{"error_description":"re\\/fresh+first="}'],
    ['with the whole header', 'Authorization: Bearer signed for urn:x and first is no good'],
  ])('because the provider refuses is on record without the tokens, repeated %s', async (_how, said) => {
    const dataAddress = writeDataAddress({ ...ADDRESS, ...REFRESH, refreshToken: 're/fresh+first=' })
    const { pass, renewAddress, everything } = await world({ dataAddress }, [said])
    pass(100)
    await renewAddress.isUsable(OWN_PID)
    expect(everything()).toContain('…')
    expect(everything()).not.toMatch(/fresh(\+|%2B)first|Bearer signed.*first/)
  })

  test('because its answer was lost is made good by the next, with the same refresh token', async () => {
    const { token, pass, asked } = await world({}, [unreachable])
    pass(100)
    await expect(token()).rejects.toMatchObject({ problem: { code: 'token.not-renewed' } })
    expect(await token()).toBe('access-2')
    expect(new Set(asked.map(({ body }) => body)).size).toBe(1)
  })
})

describe('there is no address', () => {
  // prettier-ignore
  test.each<[string, Partial<Transfer>, string]>([
    ['of a transfer that we provide',     { role: 'PROVIDER' },                         'resource.unknown'],
    ['of one that is not started',        { state: 'REQUESTED' },                       'transfer.not-started'],
    ['of one that is suspended',          { state: 'SUSPENDED' },                       'transfer.not-started'],
    ['of one that the provider pushes',   { format: 'HttpData-PUSH' },                  'format.unsupported'],
    ['of one whose start named none',     { dataAddress: null },                        'transfer.not-started'],
  ])('%s', async (_what, more, code) => {
    const { token, asked } = await world(more)
    await expect(token()).rejects.toMatchObject({ problem: { code } })
    expect(asked).toEqual([])
  })
})

test('a start that comes while a renewal is under way wins: what was renewed belongs to the address before', async () => {
  const { store, token, pass } = await world()
  pass(90)
  const renewing = token()
  const dataAddress = writeDataAddress({ ...ADDRESS, authorization: 'of the new start' })
  await store.transact(
    (read) => read.get('transfer', OWN_PID),
    (row) => ({ write: row === null ? [] : [{ put: 'transfer', row: { ...row, dataAddress } }], result: null }),
  )
  expect(await renewing).toBe('of the new start')
})

describe('a download', () => {
  /** A data plane that takes these tokens. */
  async function fetching(taken: readonly string[], answers: readonly Answer[] = []) {
    const ground = await world({}, answers)
    const tokens: string[] = []
    const stream: HttpStreamCall = async ({ headers }) => {
      const token = (headers?.['authorization'] ?? '').replace('Bearer ', '')
      tokens.push(token)
      const status = taken.includes(token) ? 200 : 401
      return {
        status,
        headers: { 'content-type': 'text/plain' },
        body: Readable.from([Buffer.from(status === 200 ? 'data' : 'no')]),
        trailers: () => ({}),
      }
    }
    const fetchData = createFetchData({
      store: ground.store,
      newScene: () => ({ ...sceneAs('CONSUMER'), now: ground.now() }),
      clock: ground.now,
      renewAddress: ground.renewAddress,
      stream,
      bytesMax: 1_000,
      timeoutMs: 1_000,
    })
    const { Writable } = await import('node:stream')
    const got: Buffer[] = []
    const fetch = () =>
      fetchData.fetch(
        { transferPid: OWN_PID, signal: new AbortController().signal },
        {
          writable: new Writable({
            write: (piece: Buffer, _encoding, done) => {
              got.push(piece)
              done()
            },
          }),
        },
      )
    return { ...ground, fetchData, fetch, tokens, got }
  }

  test('that is answered with 401 is tried once more with a renewed token', async () => {
    const { fetch, tokens, got, asked } = await fetching(['access-1'])
    expect(await fetch()).toMatchObject({ bytes: 4 })
    expect([tokens, Buffer.concat(got).toString(), asked.length]).toEqual([['first', 'access-1'], 'data', 1])
  })

  test('that is answered with 401 again fails with it: no loop', async () => {
    const { fetch, tokens, asked } = await fetching([])
    await expect(fetch()).rejects.toMatchObject({ problem: { code: 'peer.refused' } })
    expect([tokens, asked.length]).toEqual([['first', 'access-1'], 1])
  })

  test('whose 401 no renewal helps against fails with what the provider said', async () => {
    const { fetch, tokens } = await fetching([], [400])
    await expect(fetch()).rejects.toMatchObject({ problem: { code: 'peer.refused' } })
    expect(tokens).toEqual(['first'])
  })

  test('that lasts renews its token when that is due, and no more when it is over', async () => {
    const { fetch, timers, pass, asked } = await fetching(['first'])
    await fetch()
    expect(timers).toMatchObject([{ ms: 80_000, isOff: true }])
    const running = await world()
    const stop = running.renewAddress.keepFresh(OWN_PID)
    running.pass(80)
    running.timers[0]?.wake()
    await expect.poll(() => running.timers.length).toBe(2)
    expect(running.asked).toHaveLength(1)
    stop()
    expect(running.timers[1]).toMatchObject({ ms: 80_000, isOff: true })
    pass(0)
    expect(asked).toEqual([])
  })

  test('whose token lives longer than a timer can wait looks again every day, and renews nothing before its time', async () => {
    const dataAddress = writeDataAddress({ ...ADDRESS, ...REFRESH, expiresInS: 365 * 86_400 })
    const { renewAddress, timers, pass, asked } = await world({ dataAddress })
    const stop = renewAddress.keepFresh(OWN_PID)
    pass(86_400)
    timers[0]?.wake()
    await expect.poll(() => timers.length).toBe(2)
    stop()
    expect(timers.map(({ ms }) => ms)).toEqual([86_400_000, 86_400_000])
    expect(asked).toEqual([])
  })

  test('by an application beside us gets the token with what is left of its life, and nothing to renew it with', async () => {
    const { fetchData, pass } = await fetching([])
    pass(30)
    const address = await fetchData.address(OWN_PID)
    expect(address).toMatchObject({ authorization: 'first', expiresInS: 70 })
    expect(address).not.toHaveProperty('refreshToken')
  })
})
