// `exchange.ts NAME DATABASE`: the least that a negotiation costs between two processes: four messages there and back, each
// with a signed token of its own (jose, ES256), each committed on both sides (better-sqlite3, three statements a message,
// synchronous FULL, messages that wait at the same moment in one commit). No protocol, no checks, no evidence.

import { randomUUID } from 'node:crypto'
import { Agent, request, type IncomingMessage } from 'node:http'
import Database from 'better-sqlite3'
import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT, type JWK } from 'jose'
import { serve } from './serve.ts'

interface Peer {
  readonly name: string
  readonly url: string
  readonly key: Awaited<ReturnType<typeof importJWK>>
}

interface Message {
  readonly id: string
  readonly step: number
  readonly body: string
}

const LAST_STEP = 4
/** As long as an agreement on the wire. */
const BODY = 'x'.repeat(1_000)

const [name = '', file = ''] = process.argv.slice(2)
const keys = await generateKeyPair('ES256')
const agent = new Agent({ keepAlive: true })
const finished = new Map<string, () => void>()
let peer: Peer | null = null

const db = new Database(file)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec(`
  CREATE TABLE process (id TEXT PRIMARY KEY, step INTEGER NOT NULL) STRICT;
  CREATE TABLE message (id TEXT, step INTEGER, kind TEXT, body TEXT NOT NULL, PRIMARY KEY (id, step, kind)) STRICT;
  CREATE TABLE log (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, entry TEXT NOT NULL) STRICT;`)
const statements = [
  db.prepare('INSERT INTO process VALUES (@id, @step) ON CONFLICT (id) DO UPDATE SET step = excluded.step'),
  db.prepare('INSERT INTO message VALUES (@id, @step, @kind, @body)'),
  db.prepare('INSERT INTO log (at, entry) VALUES (@at, @body)'),
]

const queue: { readonly row: object; readonly done: () => void }[] = []

function commit(kind: 'sent' | 'received', { id, step, body }: Message): Promise<void> {
  if (queue.length === 0) setImmediate(flush)
  return new Promise((done) => queue.push({ row: { id, step, kind, body, at: Date.now() }, done }))
}

function flush(): void {
  const jobs = queue.splice(0)
  db.exec('BEGIN IMMEDIATE')
  for (const { row } of jobs) for (const statement of statements) statement.run(row)
  db.exec('COMMIT')
  for (const { done } of jobs) done()
}

async function sendStep(id: string, step: number): Promise<void> {
  if (peer === null) throw new Error('nobody is known yet')
  const message: Message = { id, step, body: BODY }
  const token = await new SignJWT({ iss: name, sub: name, aud: peer.name, jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(keys.privateKey)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  await post(`${peer.url}/message`, headers, JSON.stringify(message))
  await commit('sent', message)
}

function post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume().once('end', resolve)
    })
    call.once('error', reject).end(body)
  })
}

async function receive(incoming: IncomingMessage): Promise<void> {
  const message = JSON.parse(await textOf(incoming)) as Message
  const token = incoming.headers.authorization?.slice('Bearer '.length) ?? ''
  if (peer === null) throw new Error('nobody is known yet')
  await jwtVerify(token, peer.key, { issuer: peer.name, audience: name })
  await commit('received', message)
  if (message.step < LAST_STEP) setImmediate(() => void sendStep(message.id, message.step + 1))
  else finished.get(message.id)?.()
}

/** The whole exchange; resolves when its last message is committed here. */
function open(): Promise<void> {
  const id = randomUUID()
  return new Promise((resolve, reject) => {
    finished.set(id, () => {
      finished.delete(id)
      resolve()
    })
    sendStep(id, 1).catch(reject)
  })
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const pieces: string[] = []
  for await (const piece of incoming.setEncoding('utf8') as AsyncIterable<string>) pieces.push(piece)
  return pieces.join('')
}

process.on('message', (said: { name: string; url: string; key: JWK }) => {
  void importJWK(said.key, 'ES256').then((key) => {
    peer = { ...said, key }
  })
})

serve(
  (incoming, response) => {
    const work = incoming.url === '/open' ? open() : receive(incoming)
    work.then(
      () => response.end(),
      () => response.writeHead(500).end(),
    )
  },
  { name, key: await exportJWK(keys.publicKey) },
)
