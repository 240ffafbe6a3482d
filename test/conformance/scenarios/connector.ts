// The connector under test in this very process: its real ports on loopback, its real database, no child to wait for.

import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApp } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { silentLog, type Log } from '../../../src/kernel/log.ts'
import { instant } from '../../../src/kernel/time.ts'
import { freePorts } from '../../fixtures/ports.ts'
import { managementAt, type Management } from '../dsp/management.ts'

export interface StaticToken {
  readonly participant: string
  readonly inbound: string
  readonly outbound: string
}

export interface ConnectorOptions {
  readonly did?: string
  /** Offer files; each is written as JSON, which is YAML too. */
  readonly offers?: readonly Readonly<Record<string, unknown>>[]
  readonly staticTokens?: readonly StaticToken[]
  /** Steps that shall not wait for a person. */
  readonly automation?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly limits?: Readonly<Record<string, number>>
}

export interface Connector {
  readonly did: string
  readonly rootUrl: string
  /** Its DSP base: where a provider is asked, and the callback address that it gives as a consumer. */
  readonly base: string
  readonly management: Management
  readonly managementUrl: string
  /** The administrator's token. */
  readonly token: string
  /** Every problem that it logged at the level of an error: a test that expects none finds out what went wrong. */
  readonly defects: readonly unknown[]
  readonly close: () => Promise<void>
}

const EVERY_STEP_BY_HAND = {
  provider: { onRequested: 'manual', onCounterRequested: 'manual', onAccepted: 'manual', onVerified: 'manual' },
  consumer: { onOffered: 'manual', onAgreed: 'manual' },
  transfer: { onRequested: 'manual' },
}

export async function openConnector(options: ConnectorOptions = {}): Promise<Connector> {
  const { offers = [], staticTokens = [], automation = {}, limits = {} } = options
  const [port = 0, managementPort = 0] = await freePorts(2)
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-scenarios-')))
  const [dataDir, policiesDir] = [join(directory, 'data'), join(directory, 'policies')]
  mkdirSync(join(policiesDir, 'offers'), { recursive: true })
  for (const [index, offer] of offers.entries())
    writeFileSync(join(policiesDir, 'offers', `${String(index)}.yaml`), JSON.stringify(offer))

  const rootUrl = `http://localhost:${String(port)}`
  const did = options.did ?? `did:web:localhost%3A${String(port)}`
  const configFile = join(directory, 'connector.yaml')
  const config = {
    participant: { did, name: { en: 'Connector under test' }, claims: { country: 'CN' } },
    public: { url: rootUrl, port },
    management: { port: managementPort },
    dataDir,
    policiesDir,
    identity: {
      staticTokens: staticTokens.map(({ participant, inbound, outbound }) => ({ participant, inbound, outbound })),
    },
    protocol: { reactionDelayMs: 0 },
    automation: Object.fromEntries(
      Object.entries(EVERY_STEP_BY_HAND).map(([who, steps]) => [who, { ...steps, ...automation[who] }]),
    ),
    limits,
  }
  writeFileSync(configFile, JSON.stringify(config))

  const loaded = await loadConfig({ LINGQU_CONFIG: configFile })
  if (!loaded.ok) throw new Error(`the configuration does not hold: ${JSON.stringify(loaded.findings)}`)
  const defects: unknown[] = []
  const app = await openApp(loaded, {
    clock: () => instant(Date.now()),
    newUuid: randomUUID,
    randomBytes: (bytes) => randomBytes(bytes),
    random: Math.random,
    log: keepingErrors(defects),
    version: '0.0.0',
  })
  await app.listen()

  const { managementUrl, adminTokenFile } = app
  const token = readFileSync(adminTokenFile, 'utf8').trim()
  return {
    did,
    rootUrl,
    base: `${rootUrl}/dsp/2025-1`,
    management: managementAt(managementUrl, token),
    managementUrl,
    token,
    defects,
    close: async () => {
      await app.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function keepingErrors(defects: unknown[]): Log {
  return {
    ...silentLog,
    error: (event, fields) => {
      defects.push({ event, ...fields })
    },
  }
}
