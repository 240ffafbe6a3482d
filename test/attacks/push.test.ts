// Pushes from the attacker's side: a consumer that sends our data to where it must not go, and a provider that sends us what it
// must not, when it must not, or to places that are not its own.

import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { messageOf } from '../fixtures/messages.ts'
import { agreedWith, propertiesOf, requested, stateOf, type Pids } from '../fixtures/played-consumer.ts'
import { rawRequest, type RawReply, type RawRequest } from '../fixtures/raw-http.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { agreedAsConsumer } from './consume.ts'

const PUSH = 'HttpData-PUSH'
const PUSHED = 'urn:dataset:open-push'
const DATA = Buffer.from('a,b\n1,2\n'.repeat(5_000))
const DIGEST = `sha-256=:${createHash('sha256').update(DATA).digest('base64')}:`
const BYTES_MAX = 100_000

let ground: Ground
const sinksDir = mkdtempSync(join(tmpdir(), 'lingqu-sinks-'))
const outside = mkdtempSync(join(tmpdir(), 'lingqu-outside-'))
beforeAll(async () => {
  ground = await startGround({ data: { sinksDir }, limits: { downloadBytesMax: BYTES_MAX, requestTimeoutMs: 500 } })
  mkdirSync(join(sinksDir, 'in'))
  symlinkSync(outside, join(sinksDir, 'leads-out'))
})
afterAll(async () => {
  await ground.discard()
  for (const directory of [sinksDir, outside]) rmSync(directory, { recursive: true, force: true })
})
afterEach(() => {
  ground.connector.verify()
  expect(ground.connector.log()).not.toContain('http.defect')
  expect(readdirSync(outside)).toEqual([])
  expect(readdirSync(join(sinksDir, 'in')).filter((name) => name.includes('.part-'))).toEqual([])
})

const addressOf = (endpoint: string, more: readonly object[] = []): object => ({
  '@type': 'DataAddress',
  endpointType: 'https://w3id.org/idsa/v4.1/HTTP',
  endpoint,
  ...(more.length > 0 && { endpointProperties: more }),
})
const property = (name: string, value: string): object => ({ '@type': 'EndpointProperty', name, value })

describe('a request for a push', () => {
  let agreementId: string
  beforeAll(async () => {
    const { connector } = ground
    const offers = join(connector.directory, 'policies', 'offers', 'pushed.yaml')
    writeFileSync(
      offers,
      `offer: pushed\ndatasets: ["${PUSHED}"]\npermission:\n  - action: use\n    constraint:\n      - count: { lteq: 100000 }\n`,
    )
    // What the played peer reads as it reads messages.
    const path = join(connector.directory, 'data.json')
    writeFileSync(path, '{"a":1}')
    await connector.ask('/datasets', { '@id': PUSHED, formats: [PUSH], source: { type: 'file', path } })
    await connector.ask('/policies/reload', {})
    agreementId = await agreedWith(ground, ground.peer, PUSHED, 'pushed')
  })

  // prettier-ignore
  test.each<[string, object | undefined, string]>([
    ['without a place',                    undefined,                                                             'message.schema'],
    ['to the metadata of a cloud',         addressOf('http://169.254.169.254/latest/meta-data/'),                 'address.forbidden'],
    ['to a link-local address',            addressOf('https://[fe80::1]/x'),                                      'address.forbidden'],
    ['to a private address',               addressOf('https://10.0.0.1/x'),                                       'address.forbidden'],
    ['to a private address as a number',   addressOf('https://167772161/x'),                                      'address.forbidden'],
    ['to a host that may only have https', addressOf('http://peer.example/x'),                                    'address.forbidden'],
    ['to a file',                          addressOf('file:///etc/passwd'),                                       'message.schema'],
    ['to a URL with a user name',          addressOf('https://user:pass@peer.example/x'),                         'message.schema'],
    ['to no URL',                          addressOf('peer.example'),                                             'message.schema'],
    ['with a token of two lines',          addressOf('https://peer.example', [property('authorization', 'a\r\nx: y')]), 'message.schema'],
    ['with another method',                addressOf('https://peer.example', [property('method', 'DELETE')]),     'message.schema'],
    ['with another header',                addressOf('https://peer.example', [property('authKey', 'Cookie')]),    'message.schema'],
    ['to another kind of endpoint',        { '@type': 'DataAddress', endpointType: 'AmazonS3', endpoint: 'https://s3.example' }, 'format.unsupported'],
  ])('%s is refused, and nothing is sent', async (_what, dataAddress, code) => {
    const { status, json } = await requested(ground, agreementId, { format: PUSH, ...(dataAddress !== undefined && { dataAddress }) })
    expect([status, json]).toMatchObject([400, { '@type': 'TransferError', code }])
    expect(ground.connector.rows('SELECT * FROM push WHERE done_at IS NULL')).toEqual([])
    expect(ground.connector.rows(`SELECT * FROM transfer WHERE state = 'TERMINATED' AND data_address IS NOT NULL`)).toEqual([])
  })

  test('to a place that may be called is taken, and the data is sent once, after the start', async () => {
    const before = ground.peer.received.length
    const endpoint = new URL('/ingest', ground.peer.base).href
    const { status, pids } = await requested(ground, agreementId, { format: PUSH, dataAddress: addressOf(endpoint) })
    expect(status).toBe(201)
    await stateOf(ground, pids.providerPid, 'COMPLETED')
    const received = ground.peer.received.slice(before).map(({ message }) => message['@type'] ?? message)
    expect(received).toEqual(['TransferStartMessage', { a: 1 }, 'TransferCompletionMessage'])
  })
})

describe('a sink', () => {
  let agreementId: string
  beforeAll(async () => {
    agreementId = await agreedAsConsumer(ground)
  })
  const open = (sink: object, more: object = {}): ReturnType<Ground['connector']['call']> =>
    ground.connector.call('/transfers', { agreementId, format: PUSH, sink, ...more })

  // prettier-ignore
  test.each<[string, object, string]>([
    ['above the root',              { type: 'file', path: '../x' },                           'sink.path'],
    ['above it in between',         { type: 'file', path: 'in/../../x' },                     'sink.path'],
    ['by its whole path',           { type: 'file', path: '/etc/cron.d/x' },                  'sink.path'],
    ['of an empty name',            { type: 'file', path: '' },                               'sink.path'],
    ['with NUL in its name',        { type: 'file', path: 'in/a\u0000b' },                    'sink.path'],
    ['with a member of a source',   { type: 'file', path: 'in/a', mediaType: 'text/csv' },    'sink.mediaType'],
    ['of no kind',                  { type: 'ftp', url: 'ftp://x' },                          'sink.type'],
    ['with another method',         { type: 'http', url: 'http://localhost', method: 'DELETE' }, 'sink.method'],
    ['over all of a bucket',        { type: 's3', endpoint: 'http://localhost:1', bucket: 'abc', prefix: 'x/', accessKeyId: 'a', secretAccessKey: 'b' }, 'sink.prefix'],
  ])('%s is refused with its place', async (_what, sink, path) => {
    expect(await open(sink)).toMatchObject({ status: 400, json: { code: 'request.malformed', path } })
  })

  test('together with a dataAddress, and for a pull, is refused', async () => {
    const sink = { type: 'file', path: 'in/a' }
    expect(await open(sink, { dataAddress: addressOf('https://peer.example') })).toMatchObject({
      status: 400,
      json: { path: 'sink' },
    })
    expect(await open(sink, { format: 'HttpData-PULL' })).toMatchObject({ status: 400, json: { path: 'format' } })
    expect(await ground.connector.call('/transfers', { agreementId, format: PUSH })).toMatchObject({
      status: 400,
      json: { path: 'dataAddress' },
    })
  })

  test('that reaches into our network is an administrator’s to name; a file below the root is not', async () => {
    const { token } = await ground.connector.ask<{ token: string }>('/tokens', { name: 'steward', scope: 'steward' })
    const asSteward = async (sink: object): Promise<Response> =>
      fetch(`http://127.0.0.1:${String(ground.connector.managementPort)}/api/v1/transfers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ agreementId, format: PUSH, sink }),
      })
    expect((await asSteward({ type: 'http', url: 'http://10.0.0.1/' })).status).toBe(403)
    expect((await asSteward({ type: 'file', path: 'in/steward' })).status).toBe(201)
    expect((await open({ type: 'http', url: 'http://10.0.0.1/' })).status).toBe(201)
  })
})

describe('data that is sent to us', () => {
  let agreementId: string
  beforeAll(async () => {
    agreementId = await agreedAsConsumer(ground)
  })

  interface Expected {
    readonly pids: Pids
    readonly token: string
    readonly file: string
  }

  /** A transfer of ours that the played provider has acknowledged, and started unless told not to. */
  async function expecting(sink: object | null = null, state: 'REQUESTED' | 'STARTED' = 'STARTED'): Promise<Expected> {
    const path = `in/${randomBytes(6).toString('hex')}`
    const before = ground.peer.received.length
    const body = { agreementId, format: PUSH, sink: sink ?? { type: 'file', path } }
    const { id: consumerPid } = await ground.connector.ask<{ id: string }>('/transfers', body)
    const { message } = await ground.peer.gets('TransferRequestMessage', before)
    const properties = propertiesOf(message['dataAddress'] as Readonly<Record<string, unknown>>)
    expect(properties).toMatchObject({
      endpoint: `${ground.connector.publicUrl}/data/${consumerPid}`,
      authType: 'bearer',
    })
    const providerPid = await eventually(
      'it is acknowledged',
      async () => (await ground.connector.ask<{ providerPid?: string }>(`/transfers/${consumerPid}`)).providerPid,
    )
    const pids = { providerPid, consumerPid }
    if (state === 'STARTED')
      await ground.send(`/transfers/${consumerPid}/start`, messageOf('TransferStartMessage', { ...pids }))
    return { pids, token: properties['authorization'] ?? '', file: join(sinksDir, path) }
  }

  function send({ pids, token }: Expected, more: Partial<RawRequest> = {}): Promise<RawReply> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv', 'repr-digest': DIGEST }
    return rawRequest({
      port: ground.connector.port,
      method: 'PUT',
      path: `/data/${pids.consumerPid}`,
      body: DATA,
      ...more,
      headers: { ...headers, ...more.headers },
    })
  }
  const typesOf = ({ pids }: Expected): readonly string[] =>
    ground.connector
      .entries(pids.consumerPid)
      .map(({ type }) => type)
      .filter((type) => type.startsWith('delivery.'))

  test.each<[string, Partial<RawRequest>]>([
    ['with PUT', {}],
    ['with POST', { method: 'POST' }],
    ['in chunks', { chunked: true }],
    ['without a digest', { headers: { 'repr-digest': '' } }],
    ['with a Content-Digest', { headers: { 'repr-digest': '', 'content-digest': DIGEST } }],
  ])('%s is kept, and answered with the digest of what is there', async (_what, more) => {
    const expected = await expecting()
    expect(await send(expected, more)).toMatchObject({
      status: 200,
      headers: { 'repr-digest': DIGEST },
      json: { bytes: DATA.length },
    })
    expect(readFileSync(expected.file).equals(DATA)).toBe(true)
    expect(typesOf(expected)).toEqual(['delivery.arriving', 'delivery.received'])
  })

  // prettier-ignore
  test.each<[string, (expected: Expected) => Partial<RawRequest>, number, string]>([
    ['without a token',              () => ({ headers: { authorization: '' } }),                             401, 'token.missing'],
    ['with a token of nobody',       () => ({ headers: { authorization: `Bearer ${'A'.repeat(43)}` } }),     401, 'token.unknown'],
    ['for a transfer of nobody',     () => ({ path: '/data/urn:uuid:none' }),                                401, 'token.unknown'],
    ['in an encoding',               () => ({ headers: { 'content-encoding': 'gzip' } }),                    400, 'body.encoded'],
    ['in parts',                     () => ({ headers: { 'content-range': 'bytes 0-9/10' } }),               400, 'request.malformed'],
    ['that is announced too large',  () => ({ length: BYTES_MAX + 1 }),                                      413, 'body.too-large'],
    ['that turns out too large',     () => ({ body: Buffer.alloc(BYTES_MAX + 1), chunked: true }),           413, 'body.too-large'],
    ['with another digest',          () => ({ headers: { 'repr-digest': DIGEST.replace(/:.{4}/, ':AAAA') } }), 503, 'data.digest'],
    ['below the transfer',           ({ pids }) => ({ path: `/data/${pids.consumerPid}/x` }),                403, 'source.method'],
    ['with another method',          () => ({ method: 'PATCH' }),                                            403, 'source.method'],
  ])('%s is refused, and nothing of it stays', async (_what, more, status, code) => {
    const expected = await expecting()
    expect(await send(expected, more(expected))).toMatchObject({ status, json: { code } })
    expect(existsSync(expected.file)).toBe(false)
    expect(typesOf(expected)).not.toContain('delivery.received')
  })

  test('with the token of another transfer is refused', async () => {
    const [one, other] = [await expecting(), await expecting()]
    expect(await send({ ...one, token: other.token })).toMatchObject({ status: 401, json: { code: 'token.unknown' } })
  })

  test('before the start, after a suspension and after the end is refused, and the token gives nothing to read', async () => {
    const expected = await expecting(null, 'REQUESTED')
    const refused = { status: 403, json: { code: 'transfer.not-started' } }
    expect(await send(expected)).toMatchObject(refused)
    const { pids } = expected
    await ground.send(`/transfers/${pids.consumerPid}/start`, messageOf('TransferStartMessage', { ...pids }))
    await ground.connector.ask(`/transfers/${pids.consumerPid}/suspend`, {})
    expect(await send(expected)).toMatchObject(refused)
    await ground.connector.ask(`/transfers/${pids.consumerPid}/terminate`, {})
    expect(await send(expected)).toMatchObject(refused)
    expect(await send(expected, { method: 'GET', body: '' })).toMatchObject({ status: 401 })
    expect(existsSync(expected.file)).toBe(false)
  })

  test('once more is answered as before, and changes nothing', async () => {
    const expected = await expecting()
    await send(expected)
    writeFileSync(expected.file, 'what an application has made of it')
    const other = Buffer.from('x'.repeat(1_000))
    expect(await send(expected, { body: other })).toMatchObject({ status: 200, headers: { 'repr-digest': DIGEST } })
    expect(readFileSync(expected.file, 'utf8')).toBe('what an application has made of it')
    expect(typesOf(expected)).toEqual(['delivery.arriving', 'delivery.received'])
  })

  test('that breaks off leaves nothing, is on record, and may come again', async () => {
    const expected = await expecting()
    await send(expected, { length: DATA.length + 10, leave: true })
    await eventually('it is on record', () => typesOf(expected).includes('delivery.lost'))
    expect(existsSync(expected.file)).toBe(false)
    expect(await send(expected)).toMatchObject({ status: 200 })
    expect(typesOf(expected)).toEqual(['delivery.arriving', 'delivery.lost', 'delivery.arriving', 'delivery.received'])
  })

  test('may take longer than other requests, and a stranger’s may not', async () => {
    const expected = await expecting()
    const slowly = async (authorization: string): Promise<string> => {
      const socket = connect({ port: ground.connector.port, host: '127.0.0.1' })
      let got = ''
      socket.on('data', (text) => (got += String(text))).on('error', () => undefined)
      const closed = new Promise((done) => socket.on('close', done))
      socket.write(
        `PUT /data/${expected.pids.consumerPid} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 8\r\nconnection: close\r\n\r\n`,
      )
      // One byte at a time: as a whole it takes twice as long as a request may.
      let sent = 0
      const timer = setInterval(() => (sent++ < 8 ? socket.write('x') : clearInterval(timer)), 130)
      await closed
      clearInterval(timer)
      return got
    }
    expect(await slowly(`Bearer ${expected.token}`)).toContain('200 OK')
    expect(await slowly('Bearer x')).toContain('401')
  })

  test('is one at a time', async () => {
    const expected = await expecting()
    const first = connect({ port: ground.connector.port, host: '127.0.0.1' })
    first.on('error', () => undefined)
    first.write(
      `PUT /data/${expected.pids.consumerPid} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${expected.token}\r\ncontent-length: 100\r\n\r\nabc`,
    )
    await eventually('the first arrives', () => typesOf(expected).includes('delivery.arriving'))
    expect(await send(expected)).toMatchObject({ status: 429, json: { code: 'busy.limit' } })
    first.destroy()
    await eventually('the first is lost', () => typesOf(expected).includes('delivery.lost'))
    expect(await send(expected)).toMatchObject({ status: 200 })
  })

  test.each<[string, object]>([
    ['whose directory is not there', { type: 'file', path: 'none/a' }],
    ['whose directory leads out of the root', { type: 'file', path: 'leads-out/a' }],
    ['that nobody answers at', { type: 'http', url: 'http://127.0.0.1:9/' }],
    ['in the metadata of a cloud', { type: 'http', url: 'http://169.254.169.254/' }],
  ])('for a sink %s is answered with 503, which a provider takes for "later"', async (_what, sink) => {
    const expected = await expecting(sink)
    const reply = await send(expected)
    expect(reply).toMatchObject({ status: 503, json: { code: 'sink.unavailable' } })
    expect(reply.text).not.toMatch(/lingqu-|127\.0|169\.254/)
    expect(typesOf(expected)).toEqual(['delivery.arriving', 'delivery.lost'])
  })
})
