// Peers that take their time, by the thousand: headers and bodies that come by drops, connections that say nothing, answers
// that nobody reads. All of it is bounded, and who has something to say is heard.

import { readdirSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { messageOf } from '../fixtures/messages.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { lines, openSocket, statusesIn } from './bytes.ts'

const CONNECTIONS_MAX = 200
/** Connections that wait for one that is being served to go, or are being closed; files, and pipes of the process itself. */
const FILES_BESIDE = 1_200
const RSS_GROWTH_MIB_MAX = 150
const BATCH = 500
/** As many as this process may have open, in whole batches. */
const CROWD = Math.min(10_000, Math.floor((openFilesMax() - 1_000) / BATCH) * BATCH)

let ground: Ground
const sockets: Socket[] = []
beforeAll(async () => {
  ground = await startGround({
    limits: { connectionsMax: CONNECTIONS_MAX, headersTimeoutMs: 400, requestTimeoutMs: 800 },
  })
})
afterAll(async () => ground.discard())
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  expect(ground.connector.log()).not.toContain('http.defect')
})

interface Slow {
  readonly socket: Socket
  readonly answer: () => string
  readonly isOver: () => boolean
}

/** A connection that writes `start`, and from then on a drop every now and then for as long as it may. */
async function slow(start: string, drop: string | null): Promise<Slow> {
  const socket = await openSocket(ground.connector.port)
  if (socket === null) throw new Error('expected a connection')
  sockets.push(socket)
  let answer = ''
  let over = false
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1')
  })
  const timer = setInterval(() => {
    if (drop !== null && socket.writable) socket.write(drop)
  }, 20)
  socket.once('close', () => {
    over = true
    clearInterval(timer)
  })
  socket.write(start)
  return { socket, answer: () => answer, isOver: () => over }
}

async function isServed(): Promise<void> {
  const { status } = await ground.send('/catalog/request', messageOf('CatalogRequestMessage', {}))
  expect(status).toBe(200)
}

const head = (authorization: string, ...more: readonly string[]): string =>
  lines('POST /dsp/2025-1/catalog/request HTTP/1.1', 'Host: localhost', `Authorization: ${authorization}`, ...more)

describe('a request', () => {
  // prettier-ignore
  const SLOW: readonly (readonly [what: string, start: (authorization: string) => string, drop: string | null])[] = [
    ['that never begins',                      () => '',                                                            null],
    ['whose first line comes by letters',      () => 'G',                                                           'E'],
    ['whose headers come by letters',          () => 'GET / HTTP/1.1\r\nHost: localhost\r\nX: ',                    'x'],
    ['whose headers come line by line',        () => 'GET / HTTP/1.1\r\nHost: localhost\r\n',                       'X-A: b\r\n'],
    ['with empty lines before it',             () => '\r\n',                                                        '\r\n'],
    ['whose body never comes',                 (authorization) => head(authorization, 'Content-Length: 1000'),      null],
    ['whose body comes by letters',            (authorization) => head(authorization, 'Content-Length: 100000'),    ' '],
    ['whose body comes in chunks of a letter', (authorization) => head(authorization, 'Transfer-Encoding: chunked'), '1\r\n \r\n'],
    ['whose chunk has an extension without end', (authorization) => `${head(authorization, 'Transfer-Encoding: chunked')}1;`, 'x'],
    ['whose trailers come line by line',       (authorization) => `${head(authorization, 'Transfer-Encoding: chunked')}1\r\n \r\n0\r\n`, 'X-A: b\r\n'],
    ['of a stranger, whose body comes by letters', () => head('', 'Content-Length: 100000'),                        ' '],
  ]

  test.each(SLOW)('%s is ended, and others are served meanwhile', async (_what, start, drop) => {
    const connection = await slow(start(await ground.peer.authorization(ground.connector.did)), drop)
    await isServed()

    await eventually('it is ended', connection.isOver, 15_000)
    for (const status of statusesIn(connection.answer())) expect([400, 401, 408, 413, 431]).toContain(status)
    await isServed()
  })

  test('that comes in two pieces is answered: slow is not wrong', async () => {
    const body = JSON.stringify(messageOf('CatalogRequestMessage', {}))
    const authorization = await ground.peer.authorization(ground.connector.did)
    const connection = await slow(
      head(authorization, `Content-Length: ${String(body.length)}`, 'Connection: close'),
      null,
    )
    connection.socket.write(body)

    await eventually('it is answered', connection.isOver)
    expect(statusesIn(connection.answer())).toEqual([200])
  })
})

describe('a crowd', () => {
  // prettier-ignore
  const CROWDS: readonly (readonly [what: string, start: () => string])[] = [
    ['that says nothing',           () => ''],
    ['that begins a request',       () => 'GET /.well-known/did.json HTTP/1.1\r\nHost: loc'],
    ['that announces a body',       () => head('Bearer x', 'Content-Length: 60000')],
    ['that has asked once before',  () => lines('GET /healthz HTTP/1.1', 'Host: localhost')],
    ['that asks and reads nothing', () => lines('GET /.well-known/did.json HTTP/1.1', 'Host: localhost').repeat(20)],
  ]

  test.each(CROWDS)(
    `of ${String(CROWD)} connections %s shuts nobody out, and takes no more than its share`,
    async (_what, start) => {
      const before = residentMib(ground.connector.processId())
      let heard = 0
      for (let opened = 0; opened < CROWD; opened += BATCH) {
        const batch = await Promise.all(Array.from({ length: BATCH }, () => openSocket(ground.connector.port)))
        for (const socket of batch) {
          if (socket === null) continue
          sockets.push(socket)
          socket.pause()
          if (start() !== '') socket.write(start())
        }
        await isServed()
        heard += 1
        expect(openFiles(ground.connector.processId())).toBeLessThan(CONNECTIONS_MAX + FILES_BESIDE)
      }

      expect(heard).toBe(CROWD / BATCH)
      expect(residentMib(ground.connector.processId()) - before).toBeLessThan(RSS_GROWTH_MIB_MAX)
    },
  )

  test('that is gone leaves nothing behind', async () => {
    await eventually(
      'all but a few connections are closed',
      () => openFiles(ground.connector.processId()) < CONNECTIONS_MAX,
    )
    await isServed()
  })
})

function openFiles(processId: number): number {
  return readdirSync(`/proc/${String(processId)}/fd`).length
}

function openFilesMax(): number {
  return Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024)
}

function residentMib(processId: number): number {
  const status = readFileSync(`/proc/${String(processId)}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
