// Texts of peers where people see them: as events and on a terminal. They make no event, no line and no command there.

import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EVIDENCE_TYPES } from '../../src/domain/evidence/entry.ts'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest, messageOf, newPid } from '../fixtures/messages.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { lingqu } from '../integration/cli-line.ts'
import { lines, openSocket } from './bytes.ts'
import { leaveTexts, TEXTS } from './hostile-texts.ts'

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
  await leaveTexts(ground)
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

const admin = (): string => `Authorization: Bearer ${ground.connector.token()}`

test('events: whatever a peer says, each is one event of a known type, with a number and JSON', async () => {
  const { connector, peer, send } = ground
  const socket = await openSocket(connector.managementPort)
  let text = ''
  socket?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  socket?.write(lines('GET /api/v1/events?after=0 HTTP/1.1', 'Host: localhost', admin()))
  const last = TEXTS.at(-1)?.[1] ?? ''
  const opened = await send(
    '/negotiations/request',
    contractRequest(peer.base, 'manual', 'urn:dataset:manual', { consumerPid: `${last}${newPid()}` }),
  )
  await eventually('the newest event has come', () => text.includes(String(opened.json['providerPid'])))
  socket?.destroy()

  const [, ...chunks] = text.slice(text.indexOf('\r\n\r\n')).split(/\r\n[0-9a-f]+\r\n/)
  const events = chunks
    .join('')
    .split('\n\n')
    .filter((event) => event.trim() !== '' && !event.startsWith(':'))
  expect(events.length).toBeGreaterThan(3 * TEXTS.length)
  let seq = 0
  for (const event of events) {
    const [, id, type, data] = /^id: (\d+)\nevent: ([\w.-]+)\ndata: ([^\r\n]+)$/.exec(event.replace(/\r\n$/, '')) ?? []
    expect(type, event).toBeDefined()
    expect(Object.keys(EVIDENCE_TYPES)).toContain(type)
    expect(Number(id)).toBe(seq + 1)
    expect(() => JSON.parse(data ?? '') as unknown).not.toThrow()
    seq = Number(id)
  }
})

describe('on a terminal', () => {
  const config = (): string => join(ground.connector.directory, 'connector.yaml')
  // eslint and prettier would rather not read the characters themselves.
  const COMMANDS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u
  const linesOf = (text: string): readonly string[] => text.split('\n')

  test.each([
    ['negotiations', 'list'],
    ['peers', 'list'],
    ['datasets', 'list'],
  ])('lingqu %s %s prints a line for each, and no commands', async (what, word) => {
    const { exit, stdout } = await lingqu([what, word, '--config', config()])
    const printed = linesOf(stdout.toString('utf8').trimEnd())

    expect(exit).toBe(0)
    const { items } = await ground.connector.ask<{ items: readonly unknown[] }>(`/${what}?limit=1000`)
    expect(printed).toHaveLength(items.length)
    for (const line of printed) expect(line).not.toMatch(COMMANDS)
  })

  test.each([
    ['negotiations', 'list'],
    ['peers', 'list'],
    ['datasets', 'list'],
  ])('lingqu %s %s --json says the same in plain characters', async (what, word) => {
    const { stdout } = await lingqu([what, word, '--json', '--config', config()])
    const printed = stdout.toString('utf8').trimEnd()

    expect(printed).not.toMatch(COMMANDS)
    const { items } = await ground.connector.ask<{ items: readonly unknown[] }>(`/${what}?limit=1000`)
    expect(JSON.parse(printed)).toEqual({ items })
  })

  test('what a peer refuses with, and what it calls its datasets, is no command either', async () => {
    const { connector, peer } = ground
    for (const [, text] of TEXTS) {
      peer.answerWith((_, response) =>
        response
          .writeHead(400, { 'content-type': 'application/json' })
          .end(JSON.stringify(messageOf('CatalogError', { code: text, reason: [text] }))),
      )
      const { exit, stdout, stderr } = await lingqu([
        'connect',
        peer.did,
        text === '' ? 'x' : text,
        '--config',
        config(),
      ])
      expect(exit).not.toBe(0)
      for (const line of linesOf(`${stdout.toString('utf8')}${stderr}`)) expect(line).not.toMatch(COMMANDS)
      expect(stderr).not.toMatch(/^X-Injected/m)
    }
    peer.answerWith(null)
    for (const line of linesOf(connector.log())) expect(line).not.toMatch(COMMANDS)
  })
})
