// Serving data on a real store: what counts, what continues, what is cut, what is put on record.

import { describe, expect, test } from 'vitest'
import { closeInterrupted } from '../../../src/shell/close-interrupted.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import type { Write } from '../../../src/domain/ledger.ts'
import { later } from '../../../src/kernel/time.ts'
import { AGREEMENT_ID, CONSUMER, NOW, OWN_PID, sceneAs, transferAs } from '../../fixtures/builders.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { problemOf } from '../dataplane/scratch.ts'
import { ETAG, serving, SIZE, TOKEN, untilMs, uses, type Fields } from './serving.ts'

const REST: Fields = { range: 'bytes=400-', ifRange: ETAG }

describe('one use is one delivery', () => {
  test('the whole counts one, and its end adds to what was used', async () => {
    const { get, used, deliveries, entries, store, pass } = serving(uses(1))

    const going = get()
    pass(40)
    const got = await going

    expect(got).toMatchObject({ status: 200, bytes: SIZE, result: { outcome: 'complete' } })
    expect(used()).toBe(1)
    expect(deliveries()).toMatchObject([
      { outcome: 'complete', etag: ETAG, size: SIZE, part: null, counted: true, spent: SIZE },
    ])
    expect(entries('delivery.started')).toHaveLength(1)
    expect(store.reader.get('usage', AGREEMENT_ID)).toMatchObject({ deliveries: 1, bytes: SIZE })
  })

  test('a part without If-Range is a use of its own, and says of what it is a part', async () => {
    const { get, used, entries } = serving(uses(2))

    expect(await get({ range: 'bytes=-100' })).toMatchObject({
      ...{ status: 206, bytes: 100 },
      headers: { 'Content-Range': 'bytes 900-999/1000', 'Content-Length': '100', ETag: ETAG, 'Accept-Ranges': 'bytes' },
    })
    await get({ range: 'bytes=-100' })

    expect(used()).toBe(2)
    expect(entries('delivery.started')).toMatchObject([{ part: { first: 900, last: 999 } }, {}])
    expect(await problemOf(get({ range: 'bytes=-100' }))).toMatchObject({ code: 'policy.denied' })
  })

  test.each<[string, Fields, number]>([
    ['304', { ifNoneMatch: ETAG }, 304],
    ['416', { range: 'bytes=1000-' }, 416],
  ])('an answer %s counts nothing, and the decision is on record', async (_, fields, status) => {
    const { get, used, deliveries, entries, source } = serving(uses(1))

    const got = await get(fields)

    expect(got).toMatchObject({ status, bytes: 0 })
    expect(got.headers).not.toHaveProperty('Content-Length')
    expect(used()).toBe(0)
    expect(deliveries()).toEqual([])
    expect(entries('decision')).toMatchObject([{ verdict: 'permit' }])
    expect(source.closed).toBeGreaterThan(0)
  })

  test('HEAD counts nothing and has the headers of a GET, but for the trailer', async () => {
    const { serveData, request, used, get, put } = serving(uses(1))
    await put()

    const { status, headers } = await serveData.serve({ ...request('HEAD'), canTrail: false })

    expect([status, used()]).toEqual([200, 0])
    expect({ ...headers, Trailer: 'Repr-Digest' }).toEqual((await get()).headers)
  })

  test('a source that cannot be opened counts nothing, and the decision is on record', async () => {
    const { get, used, entries, source } = serving(uses(1))
    source.fails = new ProblemError(problem('source.unavailable', 'no'))

    expect(await problemOf(get())).toMatchObject({ code: 'source.unavailable' })

    expect(used()).toBe(0)
    expect(entries('decision')).toHaveLength(1)
    expect(entries('delivery.started')).toEqual([])
  })

  test('a refusal is on record and opens no source', async () => {
    const { get, entries, source } = serving(uses(0))

    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied' })

    expect(entries('decision')).toMatchObject([{ verdict: 'deny' }])
    expect(source.opened).toEqual([])
  })

  test('a source is not asked by who has no token', async () => {
    const { get, source } = serving(uses(1))
    const authorization = `Bearer ${TOKEN.replace(/^A/, 'B')}`

    expect(await problemOf(get({}, 1, { authorization }))).toMatchObject({ code: 'token.unknown' })
    expect(source.opened).toEqual([])
  })
})

describe('a broken delivery', () => {
  test('goes on without another use, and both entries name the delivery that it continues', async () => {
    const { get, used, deliveries, entries } = serving(uses(1))
    await get({}, 400)

    const rest = await get(REST)

    expect(rest).toMatchObject({ status: 206, bytes: 600, headers: { 'Content-Range': 'bytes 400-999/1000' } })
    expect(used()).toBe(1)
    const [first] = entries('delivery.started')
    expect(entries('delivery.resumed')).toMatchObject([
      { continues: first?.['delivery'], part: { first: 400, last: 999 } },
    ])
    expect(entries('delivery.ended')).toMatchObject([
      { outcome: 'peer-gone' },
      { outcome: 'complete', continues: first?.['delivery'], bytes: 600 },
    ])
    const original = deliveries().find(({ counted }) => counted)
    expect(original?.spent).toBeLessThanOrEqual(1.1 * SIZE)
  })

  test('may be continued piece by piece up to 1.1 times its size, and then takes a new use', async () => {
    const { get, used } = serving(uses(2))
    await get({}, 400)
    for (const range of ['bytes=400-599', 'bytes=600-799', 'bytes=800-999']) await get({ range, ifRange: ETAG })
    expect(used()).toBe(1)

    await get({ range: 'bytes=0-99', ifRange: ETAG })
    await get({ range: 'bytes=0-99', ifRange: ETAG })

    expect(used()).toBe(2)
  })

  test('takes a new use after an hour', async () => {
    const { get, used, pass } = serving(uses(2))
    await get({}, 400)
    pass(60 * 60 * 1000)

    await get(REST)

    expect(used()).toBe(2)
  })

  test('takes a new use, whole, when the source has changed', async () => {
    const { get, used, source } = serving(uses(2))
    await get({}, 400)
    source.etag = '"v2"'

    expect(await get(REST)).toMatchObject({ status: 200, bytes: SIZE })
    expect(used()).toBe(2)
  })

  test('of a source without an ETag takes a new use, whole', async () => {
    const { get, used, source } = serving(uses(2))
    source.etag = null
    await get({}, 400)

    expect(await get(REST)).toMatchObject({ status: 200, bytes: SIZE })
    expect(used()).toBe(2)
  })

  test('of another path or query is not this one', async () => {
    const { get, used } = serving(uses(3))
    await get({}, 400, { rest: 'a.csv' })

    await get(REST, Infinity, { rest: 'b.csv' })
    await get(REST, Infinity, { rest: 'a.csv', query: 'x=1' })
    expect(used()).toBe(3)
    await get(REST, Infinity, { rest: 'a.csv' })
    expect(used()).toBe(3)
  })

  test('whose use was given back is not continued for nothing', async () => {
    const { get, used, stall, put } = serving(uses(1))
    const { ended } = await stall()
    // Cut before the first piece: nothing was written, so the use is given back.
    await put({ put: 'transfer', row: transferAs('PROVIDER', { state: 'SUSPENDED' }) })
    const { bytes } = await ended
    await put({ put: 'transfer', row: transferAs('PROVIDER', { state: 'STARTED' }) })
    await eventually('the end is on record', () => used() === (bytes === 0 ? 0 : 1))

    await get({ range: 'bytes=0-99', ifRange: ETAG })

    expect(used()).toBe(1)
  })

  test('goes on in parallel only as far as all together stay within the bound', async () => {
    const { get, used, source, deliveries } = serving(uses(1))
    source.size = 10_000
    await get({}, 9_000)
    const [broken] = deliveries()
    const left = 11_000 - (broken?.spent ?? 0)

    // Each of them alone fits, any two of them do not.
    const range = `bytes=0-${String(Math.floor(left / 2))}`
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => get({ range, ifRange: ETAG })))

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(used()).toBe(1)
  })

  test('stays what it is across a crash: what was noted counts, and the rest may still come', async () => {
    const { get, used, put, deliveries, store, stall } = serving(uses(1))
    await stall()
    const [open] = deliveries()
    if (open === undefined) throw new Error('a delivery is open')
    await put({ put: 'delivery', row: { ...open, bytes: 700, notedAt: later(NOW, 90) } })

    await closeInterrupted(store, () => sceneAs('PROVIDER'))

    expect(deliveries()).toMatchObject([{ outcome: 'interrupted', bytes: 700, spent: 700 }])
    expect(store.reader.get('usage', AGREEMENT_ID)).toMatchObject({ deliveries: 1, bytes: 700, milliseconds: 90 })
    await get({ range: 'bytes=650-', ifRange: ETAG })
    expect(used()).toBe(1)
  })
})

describe('a stream whose reader takes nothing and says nothing ends', () => {
  const transfer = (more: Parameters<typeof transferAs>[1]): Write => ({
    put: 'transfer',
    row: transferAs('PROVIDER', { state: 'STARTED', ...more }),
  })

  // prettier-ignore
  test.each<[string, readonly Write[], string]>([
    ['by our suspension, not yet acknowledged', [transfer({ unacknowledged: 'TransferSuspensionMessage' })],        'transfer.not-started'],
    ['by a suspension',                        [transfer({ state: 'SUSPENDED' })],                                  'transfer.not-started'],
    ['by our termination, not yet acknowledged', [transfer({ unacknowledged: 'TransferTerminationMessage', ending: true })], 'transfer.not-started'],
    ['by a termination',                       [transfer({ state: 'TERMINATED' })],                                 'transfer.not-started'],
    ['by a completion',                        [transfer({ state: 'COMPLETED' })],                                  'transfer.not-started'],
    ['by the end of its agreement',            [{ put: 'agreement', row: { ...uses(1), endedAt: NOW } }],           'agreement.ended'],
    ['when its peer is removed',               [{ remove: 'peer', key: [CONSUMER] }],                               'participant.not-admitted'],
    ['when more is counted than is agreed',    [{ put: 'counter', row: { agreementId: AGREEMENT_ID, action: 'use', used: 2 } }], 'policy.denied'],
  ])('%s', async (_, writes, code) => {
    // With timers that never ring: the commit itself must end it.
    const { stall, put, entries } = serving(uses(1), { hasTimers: false })
    const { ended } = await stall()

    await put(...writes)

    expect(await ended).toMatchObject({ outcome: 'cut' })
    expect(entries('delivery.ended')).toMatchObject([{ outcome: 'cut', code }])
  })

  test('when the time of its policy is over, with nothing written anywhere', async () => {
    const { stall, pass, entries } = serving(untilMs(60_000))
    const { ended } = await stall()

    pass(60_000)

    expect(await ended).toMatchObject({ outcome: 'cut' })
    expect(entries('delivery.ended')).toMatchObject([{ outcome: 'cut', code: 'policy.denied' }])
  })

  test('when the connector stops, and nothing new is taken', async () => {
    const { stall, serveData, get } = serving(uses(9))
    const { ended } = await stall()

    await serveData.stop()

    expect(await ended).toMatchObject({ outcome: 'cut' })
    expect(await problemOf(get())).toMatchObject({ code: 'stopping' })
  })
})

test('as many streams run at a time as may, those that are being opened included', async () => {
  const { get, serveData, request, put } = serving(uses(100), { streamsMax: 2 })
  await put()

  const answers = await Promise.allSettled(Array.from({ length: 5 }, () => serveData.serve(request())))

  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  expect(
    answers.filter((each) => each.status === 'rejected').map(({ reason }) => (reason as ProblemError).problem.code),
  ).toEqual(['busy.limit', 'busy.limit', 'busy.limit'])
  expect(await get()).toMatchObject({ status: 200 })
})

describe('a POST', () => {
  test('is a use, counted before the source hears of it, with the body that was sent', async () => {
    const { serveData, request, source, used, put } = serving(uses(1))
    await put()

    const served = await serveData.serve(request('POST'))

    expect([served.status, used()]).toEqual([200, 1])
    expect(source.opened).toMatchObject([{ method: 'POST', posted: { bytes: Buffer.from('{}') } }])
  })

  test('is given back where the source fails', async () => {
    const { serveData, request, source, used, put, entries } = serving(uses(1))
    await put()
    source.fails = new ProblemError(problem('source.unavailable', 'no'))

    expect(await problemOf(serveData.serve(request('POST')))).toMatchObject({ code: 'source.unavailable' })

    expect(used()).toBe(0)
    expect(entries('delivery.ended')).toMatchObject([{ outcome: 'source-failed', code: 'source.unavailable' }])
  })

  test('whose body is refused counts nothing, and after the last use none is read', async () => {
    const { serveData, request, used, get } = serving(uses(1))
    let reads = 0
    const readBody = (): Promise<never> => {
      reads += 1
      return Promise.reject(new ProblemError(problem('body.too-large', 'no')))
    }
    const posting = (): Promise<unknown> => serveData.serve(request('POST', {}, { readBody }))

    await get({ ifNoneMatch: ETAG })
    expect(await problemOf(posting())).toMatchObject({ code: 'body.too-large' })
    expect([used(), reads]).toEqual([0, 1])
    await get()
    expect(await problemOf(posting())).toMatchObject({ code: 'policy.denied' })
    expect(reads).toBe(1)
  })

  test('to a source that takes none is refused by name, unread and uncounted', async () => {
    const { serveData, request, used, put, store } = serving(uses(1))
    await put()
    const row = store.reader.get('dataset', transferAs('PROVIDER').datasetId)
    if (row === null) throw new Error('the dataset is there')
    await put({ put: 'dataset', row: { ...row, source: { type: 'http', url: 'https://source.example' } } })
    const readBody = (): Promise<never> => Promise.reject(new Error('nobody may read it'))

    expect(await problemOf(serveData.serve(request('POST', {}, { readBody })))).toMatchObject({ code: 'source.method' })
    expect(used()).toBe(0)
  })
})

test('the transfer of another token is as unknown as none', async () => {
  const { get } = serving(uses(1))
  expect(await problemOf(get({}, 1, { transferPid: `${OWN_PID}x` }))).toMatchObject({ code: 'token.unknown' })
})
