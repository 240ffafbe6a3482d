// Management tokens: made once, shown once, revoked at once.

import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openConnector, type Connector } from './ground.ts'

interface Made {
  readonly name: string
  readonly token: string
}

let connector: Connector
beforeAll(async () => {
  connector = await openConnector()
})
afterAll(async () => connector.close())

function make(name: string, scope = 'steward'): Promise<Made> {
  return connector.ask<Made>('POST', '/tokens', { name, scope })
}

function rows(sql: string): readonly unknown[] {
  const db = new DatabaseSync(join(connector.directory, 'data', 'connector.db'), { readOnly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

test('the value is in the answer, and neither in the list nor in the database nor in the evidence', async () => {
  const { token } = await make('shown-once')

  expect(token).toMatch(/^[\w-]{43}$/)
  const list = await connector.call('GET', '/tokens')
  expect(list.json).toMatchObject({
    items: [{ name: 'admin' }, { name: 'shown-once', scope: 'steward', revokedAt: null }],
  })
  expect(list.text).not.toContain(token)
  expect(JSON.stringify(rows('SELECT * FROM management_token, evidence'))).not.toContain(token)
})

test('making and revoking leave evidence that names both tokens', async () => {
  await make('on-record', 'viewer')
  await connector.ask('DELETE', '/tokens/on-record')

  const { items } = await connector.ask<{ items: { envelope: { type: string; ext: unknown } }[] }>('GET', '/evidence')
  const acts = items.filter(({ envelope }) => envelope.type === 'admin.token').map(({ envelope }) => envelope.ext)
  expect(acts).toContainEqual({ by: 'admin', made: 'on-record', scope: 'viewer' })
  expect(acts).toContainEqual({ by: 'admin', revoked: 'on-record' })
})

test('a revoked token is 401 at once, stays in the list, and its name may be given again', async () => {
  const { token } = await make('comes-back')
  expect((await connector.call('GET', '/peers', { token })).status).toBe(200)

  await connector.ask('DELETE', '/tokens/comes-back')

  expect(await connector.call('GET', '/peers', { token })).toMatchObject({
    status: 401,
    json: { code: 'token.unknown' },
  })
  expect((await connector.call('GET', '/tokens')).text).toMatch(/"name":"comes-back".*?"revokedAt":"2/)
  expect(await connector.call('DELETE', '/tokens/comes-back')).toMatchObject({ status: 404 })
  const again = await make('comes-back')
  expect((await connector.call('GET', '/peers', { token: again.token })).status).toBe(200)
  expect((await connector.call('GET', '/peers', { token })).status).toBe(401)
})

test('a name that a valid token has is refused', async () => {
  await make('taken')

  const answer = await connector.call('POST', '/tokens', { body: { name: 'taken', scope: 'viewer' } })

  expect(answer).toMatchObject({ status: 409, json: { code: 'resource.exists', path: 'name' } })
})

// prettier-ignore
test.each([
  [{ name: 'a b',          scope: 'viewer' }, 'name'],
  [{ name: '',             scope: 'viewer' }, 'name'],
  [{ name: 'x'.repeat(65), scope: 'viewer' }, 'name'],
  [{ name: 'fine',         scope: 'root' },   'scope'],
  [{ name: 'fine' },                          'scope'],
])('%j is refused at %s', async (body, path) => {
  expect(await connector.call('POST', '/tokens', { body })).toMatchObject({ status: 400, json: { path } })
})

test('an Idempotency-Key keeps nothing here: the answer is a secret', async () => {
  const headers = { 'idempotency-key': 'k' }

  const first = await connector.call('POST', '/tokens', { body: { name: 'not-kept', scope: 'viewer' }, headers })
  const second = await connector.call('POST', '/tokens', { body: { name: 'not-kept', scope: 'viewer' }, headers })

  expect([first.status, second.status]).toEqual([201, 409])
  expect(rows('SELECT * FROM idempotency')).toEqual([])
})

test('the last token that may administer stays; with another one beside it, it may go', async () => {
  const last = await connector.call('DELETE', '/tokens/admin')
  expect(last).toMatchObject({ status: 409, json: { code: 'token.last' } })
  expect((await connector.call('GET', '/tokens')).status).toBe(200)

  const { token } = await make('second', 'administrator')
  expect((await connector.call('DELETE', '/tokens/admin')).status).toBe(204)

  expect((await connector.call('GET', '/tokens')).status).toBe(401)
  expect((await connector.call('DELETE', '/tokens/second', { token })).json).toMatchObject({ code: 'token.last' })
  expect((await connector.call('GET', '/tokens', { token })).status).toBe(200)
})
