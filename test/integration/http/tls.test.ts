// Our own certificate: refused with a sentence where it is none, and taken up anew where its files change.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readTls, watchTls, type TlsWatch } from '../../../src/http/tls.ts'
import type { Log } from '../../../src/kernel/log.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { selfSigned } from '../wire/certificate.ts'

let directory: string
const files = (): { certFile: string; keyFile: string } => ({
  certFile: join(directory, 'tls.crt'),
  keyFile: join(directory, 'tls.key'),
})
function write({ cert, key }: Partial<ReturnType<typeof selfSigned>>): void {
  if (cert !== undefined) writeFileSync(files().certFile, cert)
  if (key !== undefined) writeFileSync(files().keyFile, key)
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lingqu-tls-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

describe('a certificate and its key', () => {
  // prettier-ignore
  test.each([
    ['are not there',              {},                                                     /public\.tls\.certFile cannot be read: ENOENT/],
    ['have no key',                { cert: selfSigned('a.example').cert },                 /public\.tls\.keyFile cannot be read: ENOENT/],
    ['are no PEM',                 { cert: 'x', key: 'y' },                                /are no certificate with its key/],
    ['do not belong together',     { cert: selfSigned('a.example').cert, key: selfSigned('a.example').key }, /are no certificate with its key: .*key values mismatch/],
  ])('are refused where they %s, and the sentence has nothing of the key in it', (_what, pair, sentence) => {
    write(pair)
    expect(() => readTls(files())).toThrow(sentence)
  })

  test('say when they end', () => {
    write(selfSigned('a.example'))
    expect(readTls(files()).endsAtMs).toBe(Date.parse('9999-12-31T23:59:59Z'))
  })
})

describe('files that change under a server', () => {
  let server: Server
  let watch: TlsWatch
  let said: string[]

  beforeEach(async () => {
    write(selfSigned('first.example'))
    said = []
    const note = (event: string): void => void said.push(event)
    const log: Log = { debug: note, info: note, warn: note, error: note }
    const first = readTls(files())
    server = createServer({ cert: first.cert, key: first.key }, (_request, response) => response.end('ok'))
    watch = watchTls(server, files(), first, { log, everyMs: 10 })
    await new Promise<void>((ready) => {
      server.listen(0, '127.0.0.1', () => {
        ready()
      })
    })
  })
  afterEach(async () => {
    watch.stop()
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })

  function nameShown(): Promise<string> {
    return new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
      socket.once('error', reject)
    })
  }

  test('are what new connections get, without a restart; half a change is not taken', async () => {
    expect(await nameShown()).toBe('first.example')
    const second = selfSigned('second.example')

    write({ cert: second.cert })
    await eventually('the half was seen', () => said.includes('tls.not-reloaded'))
    expect(await nameShown()).toBe('first.example')

    write({ key: second.key })
    await eventually('the other half was seen', () => said.includes('tls.reloaded'))
    expect(await nameShown()).toBe('second.example')
  })
})
