// The connector under test: as `npm start` runs it, with production settings only.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KIT_PARTICIPANT } from './counterparty.ts'
import { managementAt, type Management } from './management.ts'

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

export const INBOUND_TOKEN = 'Bearer tck-token'

export interface RunningConnector {
  readonly did: string
  readonly rootUrl: string
  readonly dspBase: string
  readonly management: Management
  stop(): Promise<void>
}

export interface OfferFile {
  readonly offerId: string
  readonly datasetId: string
}

/** Starts it in `dir`, with one policy file an offer; every step waits for a person. */
export async function startConnector(dir: string, offers: readonly OfferFile[]): Promise<RunningConnector> {
  const [port, managementPort] = [await freePort(), await freePort()]
  mkdirSync(join(dir, 'policies', 'offers'), { recursive: true })
  for (const { offerId, datasetId } of offers) {
    const text = JSON.stringify({
      offer: offerId,
      title: { en: datasetId, zh: datasetId },
      datasets: [datasetId],
      permission: [{ action: 'use' }],
    })
    writeFileSync(join(dir, 'policies', 'offers', `${datasetId}.yaml`), text)
  }
  const rootUrl = `http://localhost:${String(port)}`
  const config = {
    participant: { name: { en: 'Connector under test' }, claims: { country: 'CN' } },
    public: { url: rootUrl, port },
    management: { port: managementPort },
    dataDir: join(dir, 'data'),
    policiesDir: join(dir, 'policies'),
    identity: {
      staticTokens: [{ participant: KIT_PARTICIPANT, inbound: INBOUND_TOKEN, outbound: 'Bearer connector-token' }],
    },
    protocol: { reactionDelayMs: 400 },
    automation: {
      provider: { onRequested: 'manual', onCounterRequested: 'manual', onAccepted: 'manual', onVerified: 'manual' },
      consumer: { onOffered: 'manual', onAgreed: 'manual' },
      transfer: { onRequested: 'manual' },
    },
  }
  const file = join(dir, 'connector.yaml')
  writeFileSync(file, JSON.stringify(config, null, 2))

  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, LINGQU_CONFIG: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(join(dir, 'connector.log')))
  const exited = once(child, 'exit')
  const announced = await Promise.race([once(child.stdout, 'data'), exited.then(() => null)])
  if (announced === null)
    throw new Error(`the connector did not start:\n${readFileSync(join(dir, 'connector.log'), 'utf8')}`)

  const token = readFileSync(join(dir, 'data', 'admin.token'), 'utf8').trim()
  return {
    did: `did:web:localhost%3A${String(port)}`,
    rootUrl,
    dspBase: `${rootUrl}/dsp/2025-1`,
    management: managementAt(`http://127.0.0.1:${String(managementPort)}`, token),
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        done(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  })
}
