// How we read the catalogue of a peer: page after page, within bounds, and never on another host.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../../conformance/scenarios/counterparty.ts'
import type { Message } from '../../conformance/scenarios/judge.ts'
import { USE } from '../../conformance/scenarios/language.ts'
import { openGround, type Ground } from './ground.ts'
import { openTwo, PROVIDER } from './two.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
})
afterAll(async () => ground.close())
afterEach(() => {
  ground.peer.answerWith(null)
  expect([...ground.peer.faults, ...ground.connector.defects]).toEqual([])
})

const DATASETS = Array.from({ length: 120 }, (_, index) => ({ '@id': `urn:dataset:${String(index).padStart(3, '0')}` }))

describe("a peer's catalogue", () => {
  test('is read whole, page after page', async () => {
    const two = await openTwo({ offers: [{ offer: 'open', datasets: ['urn:*'], permission: [{ action: 'use' }] }] })
    try {
      await two.provider.manage('/datasets', DATASETS)
      const { datasets, isCut } = await two.consumer.manage<Seen>('/catalog/request', { counterPartyId: PROVIDER })

      expect(datasets.map(({ id }) => id)).toEqual(DATASETS.map((each) => each['@id']).toSorted())
      expect(isCut).toBe(false)
    } finally {
      await two.close()
    }
  })

  interface Seen {
    readonly datasets: readonly { readonly id: string }[]
    readonly isCut: boolean
  }

  /** The peer answers every page with one dataset named after it, and the links that a test wants. */
  function answering(links: (page: string) => readonly string[], refusePost = false): { readonly asked: string[] } {
    const asked: string[] = []
    ground.peer.answerWith(({ path, message }, response) => {
      const isPost = '@type' in message
      asked.push(`${isPost ? 'POST' : 'GET'} ${path}`)
      if (isPost && refusePost && path.includes('?')) {
        response.writeHead(405).end()
        return
      }
      const page = /page=(\w+)/.exec(path)?.[1] ?? 'first'
      response.setHeader('Link', [...links(page)])
      response.end(JSON.stringify(catalogWith(page)))
    })
    return { asked }
  }
  const catalogWith = (page: string): Message => ({
    ...messageOf('Catalog', { participantId: ground.peer.participant }),
    '@id': 'urn:catalog',
    service: [{ '@id': 'urn:service', '@type': 'DataService', endpointURL: ground.peer.address }],
    dataset: [
      {
        '@id': `urn:${page}`,
        '@type': 'Dataset',
        hasPolicy: [{ '@id': `offer-${page}`, '@type': 'Offer', ...USE }],
        distribution: [{ '@type': 'Distribution', format: 'HttpData-PULL', accessService: 'urn:service' }],
      },
    ],
  })
  const ask = (filter?: readonly unknown[]): Promise<Seen> =>
    ground.manage('/catalog/request', {
      counterPartyId: ground.peer.participant,
      counterPartyAddress: ground.peer.address,
      ...(filter !== undefined && { filter }),
    })
  const next = (page: string): string => `<${ground.peer.address}/catalog/request?page=${page}>; rel="next"`

  test('is read on by GET where a page takes no POST', async () => {
    const { asked } = answering((page) => (page === 'first' ? [next('two')] : []), true)
    const { datasets, isCut } = await ask()

    expect(datasets.map(({ id }) => id)).toEqual(['urn:first', 'urn:two'])
    expect(isCut).toBe(false)
    expect(asked).toEqual(['POST /catalog/request', 'POST /catalog/request?page=two', 'GET /catalog/request?page=two'])
  })

  test('is not followed to another host: no token of ours goes there', async () => {
    const { asked } = answering(() => ['<https://evil.example/catalog>; rel="next"'])

    expect((await ask()).datasets).toHaveLength(1)
    expect(asked).toHaveLength(1)
  })

  test('that never ends is read so far and no further, and says so', async () => {
    const { asked } = answering(() => [next('again')])

    expect((await ask()).isCut).toBe(true)
    expect(asked).toHaveLength(200)
  })

  test('is one page where a filter says how much is wanted', async () => {
    const { asked } = answering(() => [next('two')])

    expect(await ask([{ '@type': 'QuerySpec', limit: 1 }])).toMatchObject({
      isCut: true,
      datasets: [{ id: 'urn:first' }],
    })
    expect(asked).toHaveLength(1)
  })
})
