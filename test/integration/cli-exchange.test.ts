// Commands that go through a running connector: two of them, and what a person does with them from a terminal.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readReprDigest } from '../../src/dataplane/repr-digest.ts'
import { digestOf } from '../../src/kernel/digest.ts'
import { startConnector, type Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import { lingqu, type Line } from './cli-line.ts'

const OFFER = `offer: tides
datasets: [urn:dataset:tides]
access:
  - spatial: { isAnyOf: [VN] }
permission:
  - action: use
    constraint:
      - count: { lteq: 4 }
`
const DATA = Buffer.from('Fangcheng 3.2 m\n'.repeat(10_000))

let folder: string
let provider: Connector
let consumer: Connector

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-exchange-'))
  writeFileSync(join(folder, 'tides.txt'), DATA)
  ;[provider, consumer] = await Promise.all([
    startConnector({ name: 'provider', offers: { tides: OFFER } }),
    startConnector({ name: 'consumer' }),
  ])
})
afterAll(async () => {
  await Promise.all([provider.discard(), consumer.discard()])
  rmSync(folder, { recursive: true })
})

function at(connector: Connector, ...words: string[]): Promise<Line> {
  return lingqu([...words, '--config', join(connector.directory, 'connector.yaml')])
}

async function inJson(connector: Connector, ...words: string[]): Promise<Readonly<Record<string, unknown>>> {
  const { exit, json, stderr } = await at(connector, ...words, '--json')
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  return json()
}

interface RawAnswer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly trailers: Readonly<Record<string, string | undefined>>
}

async function rawData(method: string, transferId: string): Promise<RawAnswer> {
  const path = `/api/v1/transfers/${encodeURIComponent(transferId)}/data`
  const headers = { authorization: `Bearer ${consumer.token()}` }
  const asked = request({ host: '127.0.0.1', port: consumer.managementPort, method, path, headers })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const body = await buffer(answer)
  return { status: answer.statusCode, headers: answer.headers, body, trailers: answer.trailers }
}

// In the order of a day's work: each step builds on those before.
describe('from a terminal', () => {
  it('peers are admitted with what is known of them, and listed', async () => {
    const added = await inJson(provider, 'peers', 'add', 'Hai Phong', consumer.did, '--claim', 'country=VN')
    expect(added).toMatchObject({ did: consumer.did, name: 'Hai Phong', claims: { country: 'VN' } })
    await inJson(consumer, 'peers', 'add', 'Pinglu', provider.did)

    expect(await inJson(provider, 'peers', 'list')).toMatchObject({ items: [{ did: consumer.did }] })
    expect((await at(provider, 'peers', 'list')).stdout.toString()).toContain(`Hai Phong  ${consumer.did}  country=VN`)
  })

  it('a claim that is none is wrong usage', async () => {
    expect((await at(provider, 'peers', 'add', 'A', 'did:web:a.example', '--claim', 'VN')).exit).toBe(2)
  })

  it('a dataset is published from a YAML file, and only once', async () => {
    const file = join(folder, 'tides.yaml')
    const source = `{ type: file, path: '${join(folder, 'tides.txt')}', mediaType: text/plain }`
    writeFileSync(file, `'@id': urn:dataset:tides\ntitle: Tides\nsource: ${source}\n`)

    expect(await inJson(provider, 'datasets', 'add', file)).toMatchObject({ '@id': 'urn:dataset:tides' })
    expect(await inJson(provider, 'datasets', 'list')).toMatchObject({ items: [{ '@id': 'urn:dataset:tides' }] })
    const again = await at(provider, 'datasets', 'add', file, '--json')
    expect(again.exit).toBe(1)
    expect(again.json()).toMatchObject({ error: { code: 'resource.exists', path: '@id' } })
  })

  it('a file that is no YAML is refused with the place of the mistake', async () => {
    const file = join(folder, 'broken.yaml')
    writeFileSync(file, "'@id': [\n")
    const { exit, stderr } = await at(provider, 'datasets', 'add', file)
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringMatching(/broken\.yaml:\d+:\d+ /) as unknown })
  })

  it('connect negotiates, fetches into a file, and says what it verified', async () => {
    const file = join(folder, 'out.txt')

    const result = await inJson(consumer, 'connect', 'Pinglu', 'urn:dataset:tides', '--out', file)

    expect(result).toEqual({
      agreementId: expect.stringMatching(/^urn:/) as unknown,
      transferId: expect.stringMatching(/^urn:/) as unknown,
      reused: { agreement: false, transfer: false },
      bytes: DATA.byteLength,
      digest: digestOf(DATA),
      file,
    })
    expect(readFileSync(file).equals(DATA)).toBe(true)
  })

  it('connect again reuses both; with --out - the data is all of stdout, and the result is on stderr', async () => {
    const { exit, stdout, stderr } = await at(consumer, 'connect', provider.did, 'urn:dataset:tides', '--out', '-')

    expect(exit).toBe(0)
    expect(stdout.equals(DATA)).toBe(true)
    expect(JSON.parse(stderr.split('\n').at(-1) ?? '')).toMatchObject({
      reused: { agreement: true, transfer: true },
      bytes: DATA.byteLength,
      digest: digestOf(DATA),
      file: null,
    })
  })

  it('an application that fetches through the connector gets the media type, and the verified digest as a trailer', async () => {
    const [transfer] = (await inJson(consumer, 'transfers', 'list'))['items'] as readonly { id: string }[]
    const { status, headers, body, trailers } = await rawData('GET', transfer?.id ?? '')

    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/plain' })
    expect(body.equals(DATA)).toBe(true)
    expect(readReprDigest(trailers['repr-digest'])).toBe(digestOf(DATA))
  })

  it('HEAD on that path is refused: it would use up a delivery and give nothing', async () => {
    const [transfer] = (await inJson(consumer, 'transfers', 'list'))['items'] as readonly { id: string }[]
    expect((await rawData('HEAD', transfer?.id ?? '')).status).toBe(400)
  })

  it('transfers are listed with the direction in which their data goes', async () => {
    expect((await at(consumer, 'transfers', 'list')).stdout.toString()).toMatch(/CONSUMER {2}HttpData-PULL {2}STARTED/)
    expect((await at(consumer, 'negotiations', 'list')).stdout.toString()).not.toContain('HttpData')
  })

  it('connect without --out opens the way and fetches nothing', async () => {
    const result = await inJson(consumer, 'connect', 'Pinglu', 'urn:dataset:tides')
    expect(result).toMatchObject({ bytes: null, digest: null, file: null, reused: { transfer: true } })
  })

  it('a purpose without --out is wrong usage', async () => {
    expect((await at(consumer, 'connect', 'Pinglu', 'urn:d', '--purpose', 'https://p.example/x')).exit).toBe(2)
  })

  it('a suspended transfer gives no data until it is resumed by the provider', async () => {
    const [transfer] = (await inJson(provider, 'transfers', 'list'))['items'] as readonly { id: string }[]
    const id = transfer?.id ?? ''
    const becomes = (state: string): Promise<unknown> =>
      eventually(state, async () => (await inJson(provider, 'transfers', 'show', id))['state'] === state)

    await inJson(provider, 'transfers', 'suspend', id, '--reason', 'maintenance of the gauge')
    await becomes('SUSPENDED')
    await inJson(provider, 'transfers', 'resume', id)
    await becomes('STARTED')

    const early = await at(provider, 'transfers', 'resume', id, '--json')
    expect(early.exit).toBe(1)
    expect(early.json()).toMatchObject({ error: { code: 'move.illegal' } })
  })

  it("a refusal by policy ends with 1, the provider's code and the clause, and leaves no file", async () => {
    await inJson(consumer, 'connect', 'Pinglu', 'urn:dataset:tides', '--out', join(folder, 'fourth.txt'))

    const fifth = await at(
      consumer,
      ...['connect', 'Pinglu', 'urn:dataset:tides', '--json', '--out', join(folder, 'fifth.txt')],
    )

    expect(fifth.exit).toBe(1)
    expect(fifth.json()).toMatchObject({ error: { code: 'policy.denied', path: 'permission[0].constraint[0]' } })
    expect(readdirSync(folder).filter((name) => name.startsWith('fifth'))).toEqual([])
  })

  it('a transfer is completed', async () => {
    const [transfer] = (await inJson(consumer, 'transfers', 'list'))['items'] as readonly { id: string }[]
    const id = transfer?.id ?? ''
    await inJson(consumer, 'transfers', 'complete', id)
    await eventually('COMPLETED', async () => {
      return (await inJson(consumer, 'transfers', 'show', id))['state'] === 'COMPLETED'
    })
  })

  it('a negotiation is listed and shown; one that is over is not terminated', async () => {
    const [negotiation] = (await inJson(consumer, 'negotiations', 'list'))['items'] as readonly { id: string }[]
    const id = negotiation?.id ?? ''
    expect(await inJson(consumer, 'negotiations', 'show', id)).toMatchObject({ id, state: 'FINALIZED' })

    const refused = await at(consumer, 'negotiations', 'terminate', id, '--json')
    expect(refused.exit).toBe(1)
    expect(refused.json()).toMatchObject({ error: { code: 'move.illegal' } })
  })

  it('an offer that nobody makes ends with 1, and an unknown peer too', async () => {
    const nothing = await at(consumer, 'connect', 'Pinglu', 'urn:dataset:none', '--json')
    expect({ exit: nothing.exit, json: nothing.json() }).toMatchObject({
      exit: 1,
      json: { error: { code: 'offer.unknown' } },
    })
    expect((await at(consumer, 'connect', 'Nobody', 'urn:dataset:none')).stderr).toContain('no peer is called "Nobody"')
  })

  it('evidence is verified while the connector runs', async () => {
    expect(await inJson(provider, 'evidence', 'verify')).toMatchObject({ verified: true, firstBad: null })
  })

  it('what was added is removed, a peer by its name', async () => {
    await inJson(provider, 'datasets', 'remove', 'urn:dataset:tides')
    expect(await inJson(provider, 'datasets', 'list')).toEqual({ items: [] })
    expect(await inJson(provider, 'peers', 'remove', 'Hai Phong')).toEqual({ removed: consumer.did })
    expect((await at(provider, 'peers', 'remove', 'Hai Phong')).exit).toBe(1)
  })

  it('what is over is removed on request, and what is young stays', async () => {
    expect(await inJson(provider, 'retention', 'run')).toMatchObject({ removed: {} })
    expect(Buffer.from((await at(provider, 'retention', 'run')).stdout).toString()).toContain(
      'nothing is over that long',
    )
  })

  it('a peer that does not run ends with 3', async () => {
    await provider.stop()
    const { exit, json } = await at(consumer, 'connect', 'Pinglu', 'urn:dataset:other', '--json')
    expect({ exit, json: json() }).toMatchObject({ exit: 3, json: { error: { code: 'peer.unreachable' } } })
  })
})
