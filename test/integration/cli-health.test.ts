// `lingqu health` asks the public port of its own settings: plain or TLS, whatever its address and port.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { lingqu, type Line } from './cli-line.ts'
import { selfSigned } from './wire/certificate.ts'

let folder: string
let certFile: string
let keyFile: string
const servers: Server[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-health-'))
  certFile = join(folder, 'tls.crt')
  keyFile = join(folder, 'tls.key')
  const { cert, key } = selfSigned('peer.test')
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** A port that answers `/readyz` with the status, and everything else with 404. */
async function answering(status: number, isTls: boolean): Promise<number> {
  const answer: RequestListener = ({ url }, response) => response.writeHead(url === '/readyz' ? status : 404).end()
  const server = isTls
    ? createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, answer)
    : createServer(answer)
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return (server.address() as AddressInfo).port
}

function health(port: number, host: string, isTls = false): Promise<Line> {
  const config = join(folder, 'connector.yaml')
  const tls = isTls ? { tls: { certFile, keyFile } } : {}
  const settings = { public: { url: 'https://connector.example', host, port, ...tls }, dataDir: join(folder, 'data') }
  writeFileSync(config, JSON.stringify(settings))
  return lingqu(['health', '--json', '--config', config])
}

it.each([
  ['the address to listen on', '127.0.0.1', false],
  ['a wildcard, at which nothing can be called', '0.0.0.0', false],
  ['TLS, with a certificate that is not for this address', '127.0.0.1', true],
])('is good where it serves: %s', async (_, host, isTls) => {
  const { exit, json } = await health(await answering(200, isTls), host, isTls)
  expect({ exit, said: json() }).toEqual({ exit: 0, said: { ready: true } })
})

it('is bad where the connector runs and does not serve', async () => {
  const { exit, json } = await health(await answering(503, false), '127.0.0.1')
  expect({ exit, said: json() }).toEqual({ exit: 1, said: { ready: false } })
})

it('says that nobody answers, and where, when nobody does', async () => {
  const port = await answering(200, false)
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed))

  const { exit, json } = await health(port, '127.0.0.1')

  expect(exit).toBe(3)
  const { error } = json() as { error: { code: string; message: string } }
  expect(error.code).toBe('peer.unreachable')
  expect(error.message).toContain(`:${String(port)}/readyz`)
})

it('does not speak plain http to a port with TLS', async () => {
  const { exit } = await health(await answering(200, true), '127.0.0.1', false)
  expect(exit).not.toBe(0)
})
