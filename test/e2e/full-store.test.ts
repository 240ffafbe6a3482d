// The database may not grow any more: clear refusals, nothing half-written, reads served, and all is well once there is room.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractRequest, errorTypeOf, messageOf } from '../fixtures/messages.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'

const MIB_MAX = 2
const FILLING = 'x'.repeat(100_000)

let ground: Ground
beforeAll(async () => {
  ground = await startGround({ limits: { databaseMibMax: MIB_MAX } })
})
afterAll(async () => ground.discard())

/** Publishes smaller and smaller datasets until not even a small one is taken; gives the ids that were. */
async function fill(): Promise<string[]> {
  const taken: string[] = []
  for (let size = FILLING.length; size > 10;) {
    const id = `urn:dataset:filling:${randomUUID()}`
    const { status, json } = await ground.connector.call('/datasets', { '@id': id, filling: FILLING.slice(0, size) })
    if (status === 201) taken.push(id)
    else {
      expect({ status, json }).toMatchObject({ status: 503, json: { code: 'store.full', status: 503 } })
      size = Math.floor(size / 4)
    }
  }
  return taken
}

/** The last pages can still take an entry or two: asks until nothing more is taken. */
async function fillWhole(): Promise<string[]> {
  const taken = await fill()
  for (;;) {
    const { status } = await ground.connector.call('/peers', { did: ground.other.did, name: 'other', claims: {} })
    if (status === 503) return taken
    expect(status).toBe(201)
  }
}

describe('when the database is full', () => {
  let taken: string[]
  beforeAll(async () => {
    taken = await fillWhole()
  })

  test('what was answered with 201 is there, and what was answered with 503 is not', () => {
    const rows = ground.connector.rows<{ id: string }>("SELECT id FROM dataset WHERE id LIKE 'urn:dataset:filling:%'")
    expect(rows.map(({ id }) => id).toSorted()).toEqual(taken.toSorted())
    const recorded = ground.connector
      .entries()
      .flatMap(({ type, ext }) => (type === 'admin.dataset' ? [ext?.['added']] : []))
    expect(recorded.filter((id) => String(id).includes('filling')).toSorted()).toEqual(taken.toSorted())
    ground.connector.verify()
  })

  test('a message is answered with 503, Retry-After and its error object, and leaves nothing behind', async () => {
    const { send, peer, connector } = ground
    const message = contractRequest(peer.base, 'open', 'urn:dataset:open')

    // Each refused try leaves the last page as it was, so that all of them are refused alike.
    for (let tries = 0; tries < 3; tries++) {
      const reply = await send('/negotiations/request', message)
      expect(reply).toMatchObject({ status: 503, json: { '@type': errorTypeOf('/negotiations'), code: 'store.full' } })
      expect(reply.headers['retry-after']).toMatch(/^\d+$/)
    }
    expect(connector.rows('SELECT 1 FROM negotiation')).toEqual([])
    connector.verify()
  })

  test('reads are served: catalogue, management, evidence', async () => {
    const { send, connector } = ground
    expect((await send('/catalog/request', messageOf('CatalogRequestMessage', {}))).status).toBe(200)
    for (const path of ['/datasets', '/negotiations', '/peers', '/evidence']) {
      expect((await connector.call(path)).status).toBe(200)
    }
  })

  test('once datasets are removed, messages are taken again, without a restart', async () => {
    const { connector, send, peer } = ground
    for (const id of taken.slice(0, 4)) {
      expect((await connector.call(`/datasets/${id}`, undefined, 'DELETE')).status).toBe(204)
    }

    const reply = await send('/negotiations/request', contractRequest(peer.base, 'open', 'urn:dataset:open'))

    expect(reply.status).toBe(201)
    await peer.gets('ContractAgreementMessage')
    connector.verify()
  })
})

test('a connector that is full does not start, and says why', async () => {
  await fillWhole()
  const { connector } = ground
  await connector.stop()

  await expect(connector.start()).rejects.toThrow(
    /the disk or the database is full.*raise limits\.databaseMibMax.*lingqu doctor/,
  )

  connector.verify()
})
