// What a consumer gets from the data endpoint of a real connector, and what it must not get: parts, paths, secrets, size.

import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { addressOf, readData, type Address } from '../fixtures/data-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { agreeOn, bothIn, openTransfer, startPair, type Pair } from '../fixtures/pair.ts'
import { rawRequest, type RawReply } from '../fixtures/raw-http.ts'
import { openS3rver, type TestStore } from '../fixtures/s3.ts'

const FILE = 'urn:dataset:file'
const FOLDER = 'urn:dataset:folder'
const API = 'urn:dataset:api'
const OBJECTS = 'urn:dataset:objects'
const HUGE = 'urn:dataset:huge'
const HUGE_BYTES = 2 * 1024 * 1024 * 1024
const SECRET = 'k3y-of-the-source-that-nobody-may-see'
const DATA = 'hour,celsius\n'.repeat(100)

const CONTAINING_DATA = expect.stringContaining(DATA) as string

/** As much of the heap as a small container has; a delivery that kept its bytes would end the process. */
const HEAP_MIB = 128

const offer = (id: string, uses: number): string =>
  `offer: ${id.slice(12)}\ndatasets: ["${id}"]\npermission:\n  - action: use\n    constraint:\n      - count: { lteq: ${String(uses)} }\n`

let pair: Pair
let api: Server
let store: TestStore
let files: string
let env: Readonly<Record<string, string>> = {}
const asked: string[] = []

/** Knows the key, echoes what is posted, and says where it was asked. */
const answerOfApi: RequestListener = (request, response) => {
  asked.push(`${String(request.method)} ${String(request.url)}`)
  if (request.headers['x-api-key'] !== SECRET) response.writeHead(403).end()
  else if (request.method === 'POST') request.pipe(response.writeHead(200, { 'content-type': 'application/json' }))
  else response.writeHead(200, { 'content-type': 'text/csv', etag: '"v1"' }).end(DATA)
}

beforeAll(async () => {
  files = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-files-')))
  mkdirSync(join(files, 'folder', '2026'), { recursive: true })
  writeFileSync(join(files, 'file.csv'), DATA)
  writeFileSync(join(files, 'folder', '2026', 'a b.csv'), DATA)
  writeFileSync(join(files, 'secret'), SECRET)
  symlinkSync(join(files, 'secret'), join(files, 'folder', 'link'))
  const huge = openSync(join(files, 'huge.bin'), 'w')
  ftruncateSync(huge, HUGE_BYTES)
  closeSync(huge)

  api = createServer(answerOfApi)
  await new Promise<void>((ready) => {
    api.listen(0, '127.0.0.1', () => {
      ready()
    })
  })
  store = await openS3rver()
  await store.put('2026/a.csv', Buffer.from(DATA), 'text/csv')
  pair = await startPair({
    offers: Object.fromEntries(
      [FILE, FOLDER, API, OBJECTS, HUGE].map((id) => [id.slice(12), offer(id, id === FILE ? 1 : 1_000)]),
    ),
    provider: {
      nodeArgs: [`--max-old-space-size=${String(HEAP_MIB)}`],
      env: () => env,
      settings: { data: { filesDir: files } },
    },
  })
  const { endpoint, bucket, accessKeyId } = store
  await pair.provider.connector.ask('/datasets', [
    { '@id': FILE, source: { type: 'file', path: 'file.csv', mediaType: 'text/csv' } },
    { '@id': FOLDER, source: { type: 'file', path: 'folder' } },
    {
      '@id': API,
      source: {
        ...{
          type: 'http',
          url: `http://127.0.0.1:${String((api.address() as AddressInfo).port)}/v1`,
          headers: { 'X-API-Key': SECRET },
        },
        ...{ paths: ['stations/*'], query: ['from'], methods: ['GET', 'HEAD', 'POST'] },
      },
    },
    {
      '@id': OBJECTS,
      source: { type: 's3', endpoint, bucket, prefix: '2026', accessKeyId, secretAccessKey: store.secretAccessKey },
    },
    { '@id': HUGE, source: { type: 'file', path: 'huge.bin' } },
  ])
})
afterAll(async () => {
  await pair.discard()
  await store.close()
  api.closeAllConnections()
  await new Promise((closed) => api.close(closed))
  rmSync(files, { recursive: true, force: true })
})

interface Opened extends Address {
  readonly agreementId: string
  readonly providerPid: string
}

/** An agreement, a started transfer, and where its data is. */
async function opened(datasetId: string): Promise<Opened> {
  const agreementId = await agreeOn(pair, datasetId)
  const pid = await openTransfer(pair, agreementId)
  const { provider } = await bothIn(pair, 'transfers', pid, 'STARTED')
  return { ...(await addressOf(pair, pid)), agreementId, providerPid: provider.providerPid ?? '' }
}

interface Asked {
  readonly method?: string
  readonly rest?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Byte for byte as it is written here, straight to the provider. */
function ask(
  { endpoint, authorization }: Address,
  { rest = '', headers = {}, ...more }: Asked = {},
): Promise<RawReply> {
  const { port } = pair.provider.connector
  const path = `${new URL(endpoint).pathname}${rest}`
  return rawRequest({
    method: 'GET',
    port,
    path,
    headers: { authorization: `Bearer ${authorization}`, ...headers },
    ...more,
  })
}

function used(agreementId: string): number {
  const [row] = pair.provider.connector.rows<{ used: number }>(
    'SELECT used FROM counter WHERE agreement_id = ?',
    agreementId,
  )
  return row?.used ?? 0
}

describe('a file on which one use is agreed', () => {
  let address: Opened
  beforeAll(async () => {
    address = await opened(FILE)
  })

  test('is looked at, asked for again and asked for in vain, and none of it counts', async () => {
    const head = await eventually('its digest is known', async () => {
      const answer = await ask(address, { method: 'HEAD' })
      return answer.headers['repr-digest'] !== undefined && answer
    })
    const { etag = '', ...headers } = head.headers
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(headers).toMatchObject({ 'content-length': '1300', 'accept-ranges': 'bytes', 'content-type': 'text/csv' })
    expect(Date.parse(headers['last-modified'] ?? '')).not.toBeNaN()
    expect(headers['repr-digest']).toMatch(/^sha-256=:/)

    expect(await ask(address, { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 304,
      text: '',
      headers: { etag },
    })
    expect(await ask(address, { headers: { range: 'bytes=1300-' } })).toMatchObject({
      ...{ status: 416, headers: { 'content-range': 'bytes */1300' }, json: { code: 'range.unsatisfiable' } },
    })
    expect(used(address.agreementId)).toBe(0)
  })

  test('that was broken off is gone on with, and the use after it is refused', async () => {
    const first = await ask(address, { headers: { range: 'bytes=0-699' } })
    const { etag = '', 'repr-digest': digest } = first.headers
    const rest = await ask(address, { headers: { range: 'bytes=700-', 'if-range': etag } })

    expect([first.status, rest.status]).toEqual([206, 206])
    expect(rest.headers).toMatchObject({
      'content-range': 'bytes 700-1299/1300',
      'content-length': '600',
      'repr-digest': digest,
    })
    expect(first.text + rest.text).toBe(DATA)
    expect(used(address.agreementId)).toBe(1)
    expect(await ask(address)).toMatchObject({ status: 403, json: { code: 'policy.denied' } })
    pair.provider.connector.verify()
  })

  test('is metered: one delivery, all of its bytes', async () => {
    const agreement = await eventually('the ends are on record', async () => {
      const { usage } = await pair.provider.connector.ask<{ usage: { bytes: number } }>(
        `/agreements/${address.agreementId}`,
      )
      return usage.bytes === 1_300 && usage
    })

    expect(agreement).toMatchObject({ deliveries: 1, bytes: 1_300 })
  })
})

describe('a folder', () => {
  let address: Opened
  beforeAll(async () => {
    address = await opened(FOLDER)
  })

  test('gives the file that the path means, in origin form and in absolute form', async () => {
    expect(await ask(address, { rest: '/2026/a%20b.csv' })).toMatchObject({ status: 200, text: DATA })
    const { port } = pair.provider.connector
    const { authorization, endpoint } = address
    const path = `http://any.example${new URL(endpoint).pathname}/2026/a%20b.csv`
    const reply = await rawRequest({ method: 'GET', port, path, headers: { authorization: `Bearer ${authorization}` } })
    expect(reply).toMatchObject({ status: 200, text: DATA })
  })

  // prettier-ignore
  test.each([
    ['/../secret',                400], ['/..%2fsecret',               400], ['/%2e%2e/secret',             400],
    ['/%2E%2E%2Fsecret',          400], ['/2026/../../secret',         400], ['/2026/%2e%2e/%2e%2e/secret', 400],
    ['/..\\secret',               400], ['/..%5csecret',               400], ['/%252e%252e/secret',         400],
    ['/%252e%252e%252fsecret',    400], ['/2026%00',                   400], ['/2026/a%00b.csv',            400],
    ['/%c0%ae%c0%ae/secret',      400], ['/%2fetc%2fpasswd',           400], ['/./2026/a%20b.csv',          400],
    ['/a%0d%0ax-injected:%20yes', 400], ['/%zz',                       400], ['/2026/a%20b.csv/',           400],
    ['/link',                     404], ['/2026',                      404], ['',                           404],
    ['/2026/missing.csv',         404], ['/;/secret',                  404], ['/~/secret',                  404],
    ['/2026/a%20b.csv?x=1',       403],
  ])('refuses the path %s with %i, and gives nothing away', async (rest, status) => {
    const before = used(address.agreementId)

    const reply = await ask(address, { rest })

    expect(reply.status).toBe(status)
    expect(reply.headers).not.toHaveProperty('x-injected')
    expect(reply.text).not.toMatch(/k3y|lingqu-files|root:/)
    expect(used(address.agreementId)).toBe(before)
  })

  test('refuses a path of another transfer, and methods that no data takes', async () => {
    const { port } = pair.provider.connector
    const headers = { authorization: `Bearer ${address.authorization}` }
    const path = `/data/urn:uuid:other/..%2f${address.providerPid}/2026/a%20b.csv`

    expect(await rawRequest({ method: 'GET', port, path, headers })).toMatchObject({ status: 401 })
    for (const method of ['DELETE', 'PATCH', 'OPTIONS'])
      expect(await ask(address, { method })).toMatchObject({
        status: 403,
        headers: { allow: 'GET, HEAD, POST' },
        json: { code: 'source.method' },
      })
    expect(await ask(address, { method: 'POST', rest: '/2026/a%20b.csv', body: '{}' })).toMatchObject({
      status: 403,
      json: { code: 'source.method' },
    })
  })
})

describe('an API', () => {
  let address: Opened
  beforeAll(async () => {
    address = await opened(API)
  })

  test('is asked for what is opened, with its secret, and its answer ends with a digest', async () => {
    expect(await ask(address, { rest: '/stations/7?from=2026' })).toMatchObject({
      status: 200,
      text: CONTAINING_DATA,
    })
    expect(asked.at(-1)).toBe('GET /v1/stations/7?from=2026')
  })

  test('is posted to, within the bound of a body, and each time is a use', async () => {
    const before = used(address.agreementId)
    const post = (body: string, headers = {}): Promise<RawReply> =>
      ask(address, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

    expect(await post('{"station":7}')).toMatchObject({
      status: 200,
      text: expect.stringContaining('{"station":7}') as string,
    })
    expect(await post('x'.repeat(1_048_577))).toMatchObject({ status: 413, json: { code: 'body.too-large' } })
    expect(await post('{}', { 'content-encoding': 'gzip' })).toMatchObject({
      status: 400,
      json: { code: 'body.encoded' },
    })
    expect(used(address.agreementId)).toBe(before + 1)
  })

  // prettier-ignore
  test.each([
    ['/admin',                   'source.path',  'path'],
    ['/stations/7/secret',       'source.path',  'path'],
    ['/stations/7?to=2027',      'source.query', 'query.to'],
    ['/stations/7?from=1&%66oo', 'source.query', 'query.foo'],
  ])('refuses %s, says what is not opened, and asks nothing', async (rest, code, path) => {
    const before = asked.length

    expect(await ask(address, { rest })).toMatchObject({ status: 403, json: { code, path } })
    expect(asked).toHaveLength(before)
  })
})

test('an object of a store is found below its prefix, whole and in part', async () => {
  const address = await opened(OBJECTS)

  expect(await ask(address, { rest: '/a.csv' })).toMatchObject({
    status: 200,
    text: CONTAINING_DATA,
    headers: { 'accept-ranges': 'bytes' },
  })
  expect(await ask(address, { rest: '/a.csv', headers: { range: 'bytes=5-11' } })).toMatchObject({
    ...{ status: 206, text: 'celsius', headers: { 'content-range': 'bytes 5-11/1300' } },
  })
  expect(await ask(address, { rest: '/..%2fsecret' })).toMatchObject({ status: 400 })
})

test('two gibibytes pass through a heap that would not hold them, and their reader may stop on the way', async () => {
  const { connector } = pair.provider
  const address = await opened(HUGE)
  await eventually('its digest is known', async () => (await ask(address, { method: 'HEAD' })).headers['repr-digest'])
  const before = residentMib()
  const [slow, quick] = [readData(connector.port, address), readData(connector.port, address)]
  await eventually('data flows', () => slow.bytes() > 0)
  slow.pause()

  let most = before
  await eventually(
    'all of it is there',
    () => {
      most = Math.max(most, residentMib())
      return quick.isOver()
    },
    90_000,
  )
  slow.close()

  expect(quick.bytes()).toBeGreaterThan(HUGE_BYTES)
  expect(most - before).toBeLessThan(128)
})

function residentMib(): number {
  const status = readFileSync(`/proc/${String(pair.provider.connector.processId())}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

test('a reader that takes nothing any more loses its stream with the suspension, though its consumer never answers', async () => {
  const { connector } = pair.provider
  const address = await opened(HUGE)
  const reading = readData(connector.port, address)
  await eventually('data flows', () => reading.bytes() > 0)
  reading.pause()
  await pair.consumer.connector.kill()
  onTestFinished(() => pair.consumer.connector.start())

  await connector.ask(`/transfers/${address.providerPid}/suspend`, {})

  const ended = await eventually('the end is on record', () =>
    connector.entries().find(({ type, agreement }) => type === 'delivery.ended' && agreement === address.agreementId),
  )
  expect(ended.ext).toMatchObject({ outcome: 'cut', code: 'transfer.not-started' })
  reading.close()
})

describe('the secrets of sources', () => {
  test('stand in no file of the data directory but as what only the master key opens, and in no answer', async () => {
    const { connector } = pair.provider
    const shown = await connector.ask(`/datasets/${API}`)

    expect(shown).toMatchObject({ source: { headers: { 'x-api-key': 'sealed' } } })
    expect(await connector.ask(`/datasets/${OBJECTS}`)).toMatchObject({ source: { secretAccessKey: 'sealed' } })
    expect(JSON.stringify(await connector.ask('/datasets'))).not.toContain(SECRET)
    const directory = join(connector.directory, 'data')
    const holding = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => readFileSync(path).includes(SECRET))
    expect(holding).toEqual([])
    expect(connector.log()).not.toContain(SECRET)
  })

  test('are given again as the word that stands for them: refused', async () => {
    const source = { type: 'http', url: 'http://127.0.0.1/', headers: { 'x-api-key': 'sealed' } }
    const { status, json } = await pair.provider.connector.call('/datasets', { '@id': 'urn:dataset:copy', source })

    expect([status, json]).toMatchObject([400, { code: 'request.malformed' }])
  })

  test('that a wrong master key does not open make their datasets unavailable by name, and nothing else', async () => {
    const { connector } = pair.provider
    const [withSecret, without] = [await opened(API), await opened(FOLDER)]
    await connector.stop()
    env = { LINGQU_MASTER_KEY: '00'.repeat(32) }
    await connector.start()
    onTestFinished(async () => {
      await connector.stop()
      env = {}
      await connector.start()
    })

    expect(connector.log()).toContain('secrets.unreadable')
    expect(await ask(withSecret)).toMatchObject({ status: 503, json: { code: 'secret.sealed' } })
    expect(await ask(without, { rest: '/2026/a%20b.csv' })).toMatchObject({ status: 200 })
    expect(used(withSecret.agreementId)).toBe(0)
  })
})
