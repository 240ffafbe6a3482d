// The doctor finds each of its ten kinds of trouble, and says what to do; a connector that is well has none.

import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { verifyEvidence } from '../../src/cli/evidence-verify.ts'
import { startConnector, type Connector } from '../fixtures/connector.ts'
import { openPeer, type Peer } from '../fixtures/peer.ts'
import { freePorts } from '../fixtures/ports.ts'
import { lingqu } from './cli-line.ts'

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

const NAMES = [
  'configuration',
  'public-url',
  'clock',
  'disk',
  'keys',
  'ports',
  'database',
  'policies',
  'peers',
  'outbound',
]

let connector: Connector
let peer: Peer
let configFile: string
let written: string
const undo: (() => unknown)[] = []

beforeAll(async () => {
  ;[connector, peer] = await Promise.all([startConnector({ settings: { limits: { databaseMibMax: 64 } } }), openPeer()])
  await connector.ask('/peers', { did: peer.did, name: 'Hai Phong', claims: {} })
  configFile = join(connector.directory, 'connector.yaml')
  written = readFileSync(configFile, 'utf8')
})
afterAll(async () => {
  await Promise.all([connector.discard(), peer.close()])
})
afterEach(async () => {
  writeFileSync(configFile, written)
  for (const step of undo.splice(0).reverse()) await step()
})

async function ask(): Promise<{ readonly exit: number; readonly checks: readonly Check[] }> {
  const { exit, json } = await lingqu(['doctor', '--json', '--config', configFile])
  return { exit, checks: json()['checks'] as readonly Check[] }
}

/** What is found, by name; fails unless exactly these checks find something. */
async function finds(...names: readonly string[]): Promise<string> {
  const { exit, checks } = await ask()
  expect({ exit, found: checks.filter(({ ok }) => !ok).map(({ name }) => name) }).toEqual({ exit: 1, found: names })
  return checks
    .filter(({ ok }) => !ok)
    .map(({ detail }) => detail)
    .join('\n')
}

/** Settings over those that the connector was started with, until the test is over. */
function withSettings(change: Readonly<Record<string, unknown>>): void {
  writeFileSync(configFile, JSON.stringify({ ...(JSON.parse(written) as object), ...change }))
}

/** Something that answers every request so, on a port of its own, until the test is over. */
async function answering(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(status, headers).end(body)
  })
  return listening(server)
}

async function listening(server: Server | ReturnType<typeof createTcpServer>, port = 0): Promise<number> {
  await new Promise<void>((open) => {
    server.listen(port, '127.0.0.1', open)
  })
  undo.push(() => new Promise((closed) => server.close(closed)))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Stops it until the test is over; what happens to its database meanwhile is undone. */
async function stopped(): Promise<void> {
  await connector.stop()
  const { database } = connector
  const kept = readFileSync(database)
  undo.push(() => connector.start())
  undo.push(() => {
    for (const beside of ['-wal', '-shm']) rmSync(`${database}${beside}`, { force: true })
    writeFileSync(database, kept)
  })
}

describe('nothing is wrong', () => {
  it('with a connector that runs and a peer that answers: ten looks, each said in a line', async () => {
    const { exit, checks } = await ask()
    expect(checks.map(({ name }) => name)).toEqual(NAMES)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(exit).toBe(0)
    expect(checks.every(({ detail }) => detail !== '')).toBe(true)
  })

  it('with one that does not run, and nothing is made or changed', async () => {
    await stopped()
    const before = readFileSync(connector.database)
    const names = readdirSync(dirname(connector.database))
    const { exit, checks } = await ask()
    expect({ exit, found: checks.filter(({ ok }) => !ok) }).toEqual({ exit: 0, found: [] })
    expect(readdirSync(dirname(connector.database))).toEqual(names)
    expect(readFileSync(connector.database).equals(before)).toBe(true)
  })

  it('with one that was never started', async () => {
    const [port, management] = await freePorts(2)
    const dataDir = join(connector.directory, 'another')
    const url = `http://localhost:${String(port)}`
    withSettings({ dataDir, participant: {}, public: { url, port }, management: { port: management } })
    expect(await ask()).toMatchObject({ exit: 0 })
    expect(existsSync(dataDir)).toBe(false)
  })
})

describe('trouble is found', () => {
  it('in the settings, with the place of each mistake, and then nothing else is looked at', async () => {
    writeFileSync(configFile, 'pulbic: { port: 1 }\n')
    const { exit, checks } = await ask()
    expect({ exit, names: checks.map(({ name }) => name) }).toEqual({ exit: 1, names: ['configuration'] })
    expect(checks[0]?.detail).toContain(`${configFile}:1:1 config.unknown-key`)
  })

  it('in a policy file, beside what else there is', async () => {
    const offer = join(connector.directory, 'policies', 'offers', 'broken.yaml')
    writeFileSync(offer, 'offer: a\ndatasets: [x]\npermision: []\n')
    undo.push(() => {
      rmSync(offer)
    })
    const found = await finds('configuration', 'policies')
    expect(found).toContain(`${offer}:3:1`)
    expect(found).toMatch(/generation 1 of .* is in force/)
  })

  it('at a public URL where nothing answers', async () => {
    const [port = 0] = await freePorts(1)
    withSettings({ public: { url: `http://127.0.0.1:${String(port)}`, port: connector.port } })
    expect(await finds('public-url')).toMatch(
      /could not be reached.*check DNS, firewall, reverse proxy and public\.url/,
    )
  })

  it('at a public URL that a proxy answers with an error, and one that carries another participant', async () => {
    const gateway = await answering(502, 'bad gateway')
    withSettings({ public: { url: `http://127.0.0.1:${String(gateway)}`, port: connector.port } })
    expect(await finds('public-url')).toContain('answered 502')

    const other = await answering(200, JSON.stringify({ id: 'did:web:other.example' }))
    withSettings({ public: { url: `http://127.0.0.1:${String(other)}`, port: connector.port } })
    expect(await finds('public-url')).toContain('answered by somebody else')
  })

  it('at a public URL that carries our DID with a key that is not ours', async () => {
    const document = (await (await fetch(`${connector.publicUrl}/.well-known/did.json`)).json()) as {
      verificationMethod: { publicKeyJwk: { x: string } }[]
    }
    for (const { publicKeyJwk } of document.verificationMethod) publicKeyJwk.x = 'A'.repeat(43)
    const old = await answering(200, JSON.stringify(document))
    withSettings({ public: { url: `http://127.0.0.1:${String(old)}`, port: connector.port } })
    expect(await finds('public-url')).toContain('none of the keys of this data directory')
  })

  it.each([
    [3_600, 'behind'],
    [-3_600, 'ahead of'],
  ])('in a clock that differs by %i s from what others say', async (seconds, side) => {
    const document = await (await fetch(`${connector.publicUrl}/.well-known/did.json`)).text()
    const date = new Date(Date.now() + seconds * 1000).toUTCString()
    const there = await answering(200, document, { date })
    withSettings({ public: { url: `http://127.0.0.1:${String(there)}`, port: connector.port } })
    expect(await finds('clock')).toMatch(new RegExp(`this clock is 3(600|599|601) s ${side}.*NTP`))
  })

  it('in a clock that stands before the newest evidence', async () => {
    await stopped()
    const { database } = connector
    const db = new DatabaseSync(database)
    db.exec('DROP TRIGGER evidence_keeps_what_is_written')
    db.exec(`UPDATE evidence SET at = at + 7200000 WHERE seq = (SELECT max(seq) FROM evidence)`)
    db.close()
    expect(await finds('clock')).toMatch(/before the newest entry of the evidence.*set back/)
  })

  it('in a database that nears its limit', async () => {
    withSettings({ limits: { databaseMibMax: 1 } })
    for (const id of ['urn:dataset:filling:1', 'urn:dataset:filling:2']) {
      await connector.ask('/datasets', { '@id': id, filling: 'x'.repeat(500_000) })
      undo.push(() => connector.ask(`/datasets/${id}`, undefined, 'DELETE'))
    }
    expect(await finds('disk')).toMatch(/of the 1 MiB that limits\.databaseMibMax allows: raise it/)
  })

  it.each([
    ['keys/key-1.json', 0o640, '600'],
    ['keys', 0o770, '700'],
    ['admin.token', 0o604, '600'],
    ['master.key', 0o644, '600'],
    ['connector.db', 0o644, '600'],
  ])('in %s of mode %o', async (name, mode, wanted) => {
    const path = join(connector.directory, 'data', name)
    chmodSync(path, mode)
    undo.push(() => {
      chmodSync(path, wanted === '700' ? 0o700 : 0o600)
    })
    expect(await finds('keys')).toContain(`chmod ${wanted} ${path}`)
  })

  it('in a key file that holds no key, without a word of it', async () => {
    const file = join(connector.directory, 'data', 'keys', 'key-1.json')
    const kept = readFileSync(file)
    undo.push(() => {
      writeFileSync(file, kept)
    })
    writeFileSync(file, '{"privateJwk":{"d":"geheim"')
    const detail = await finds('keys')
    expect(detail).toContain('does not hold a working key')
    expect(detail).not.toContain('geheim')
  })

  it('in a port that another program has, when the connector is to start', async () => {
    await stopped()
    await listening(createTcpServer(), connector.managementPort)
    expect(await finds('ports')).toContain(`127.0.0.1:${String(connector.managementPort)} is taken by another program`)
  })

  it('in a port that the running connector does not answer on', async () => {
    const [port = 0] = await freePorts(1)
    withSettings({ management: { port } })
    expect(await finds('ports')).toContain(`nothing answers at 127.0.0.1:${String(port)}`)
  })

  it.each([
    ['pages that are torn', 'database', /SQLITE_CORRUPT|SQLITE_NOTADB|quick|malformed|tree|page/i],
    ['a reference that leads nowhere', 'database', /rows of counter that lead to no row of agreement: 1: .*restore/],
    ['evidence that was changed', 'database', /entry 2 of the evidence does not hold.*evidence verify/],
    [
      'migrations of a newer build',
      'database',
      /a newer build has written it \(9999-later\.sql\): install that build again/,
    ],
  ])('in a database with %s', async (what, name, sentence) => {
    await stopped()
    const { database } = connector
    if (what.startsWith('pages')) {
      const bytes = readFileSync(database)
      for (let at = 4_096 * 3; at < bytes.length; at += 4_096) bytes.fill(0x5a, at, at + 200)
      writeFileSync(database, bytes)
    } else {
      const db = new DatabaseSync(database, { enableForeignKeyConstraints: false })
      if (what.startsWith('a reference')) db.exec("INSERT INTO counter VALUES ('none', 'use', 1)")
      if (what.startsWith('migrations')) db.exec("INSERT INTO migration VALUES (9999, '9999-later.sql', 'x', 'now')")
      if (what.startsWith('evidence')) {
        db.exec('DROP TRIGGER evidence_keeps_what_is_written')
        db.exec(`UPDATE evidence SET envelope = replace(envelope, 'key-1', 'key-7') WHERE seq = 2`)
      }
      db.close()
    }
    expect(await finds(name)).toMatch(sentence)
  })

  it('in peers: one that does not answer, one without a document, one of another protocol', async () => {
    const [silent = 0] = await freePorts(1)
    const empty = await answering(404, '')
    const did = `did:web:localhost%3A${String(empty)}`
    const gone = `did:web:localhost%3A${String(silent)}`
    for (const [name, id] of [
      ['Gone', gone],
      ['Empty', did],
    ] as const) {
      await connector.ask('/peers', { did: id, name, claims: {} })
      undo.push(() => connector.ask(`/peers/${encodeURIComponent(id)}`, undefined, 'DELETE'))
    }
    const detail = await finds('peers')
    expect(detail).toMatch(/Gone \(did:web:localhost%3A\d+\): .*could not be reached/)
    expect(detail).toMatch(/Empty \(.*answered 404/)
    expect(detail).not.toContain('Hai Phong')
  })

  it('in an address of a peer that the guard forbids', async () => {
    const forbidden = {
      did: 'did:web:metadata.example',
      name: 'Cloud',
      claims: {},
      address: 'http://169.254.169.254/dsp',
    }
    await connector.ask('/peers', forbidden)
    undo.push(() => connector.ask(`/peers/${encodeURIComponent(forbidden.did)}`, undefined, 'DELETE'))
    expect(await finds('peers')).toContain('Cloud')
  })

  it('in an outgoing proxy that nobody is behind, and it is said that addresses are not pinned', async () => {
    const [port = 0] = await freePorts(1)
    const outbound = {
      ...(JSON.parse(written) as { outbound: object }).outbound,
      proxy: `http://127.0.0.1:${String(port)}`,
    }
    withSettings({ outbound })
    const { checks } = await ask()
    expect(checks.find(({ name }) => name === 'outbound')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/cannot be reached \(ECONNREFUSED\).*check outbound\.proxy/) as unknown,
    })

    await listening(
      createTcpServer((socket) => socket.destroy()),
      port,
    )
    const there = (await ask()).checks.find(({ name }) => name === 'outbound')
    expect(there).toMatchObject({ ok: true, detail: expect.stringContaining('addresses are not pinned') as unknown })
  })

  it.each([
    ['is not there', null],
    ['holds no certificate', 'no PEM'],
    ['holds a broken one', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('in a file of certificate authorities that %s', async (_what, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'cli-doctor-'))
    undo.push(() => {
      rmSync(folder, { recursive: true })
    })
    const extraCaFile = join(folder, 'ca.pem')
    if (text !== null) writeFileSync(extraCaFile, text)
    withSettings({ outbound: { ...(JSON.parse(written) as { outbound: object }).outbound, extraCaFile } })
    expect(await finds('outbound')).toContain('check outbound.extraCaFile')
  })
})

it('after all that the connector is well, and its evidence whole', async () => {
  expect(await ask()).toMatchObject({ exit: 0 })
  expect(verifyEvidence(connector.database).verified).toBe(true)
})
