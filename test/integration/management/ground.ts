// A provider and a consumer in this process, on ports of their own, that know each other; and callers of their API.

import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApp } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { instant } from '../../../src/kernel/time.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { freePorts } from '../../fixtures/ports.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Parsed where it is JSON, else null. */
  readonly json: unknown
}

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface Connector {
  readonly did: string
  readonly managementUrl: string
  readonly directory: string
  readonly adminToken: string
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>
  /** Like `call`; throws unless the answer is 2xx. */
  readonly ask: <T>(method: string, path: string, body?: unknown) => Promise<T>
  readonly close: () => Promise<void>
}

const RULES = {
  permission: [{ action: 'use', constraint: [{ count: { lteq: 1000 } }] }],
  obligation: [{ action: 'delete', constraint: [{ elapsedTime: { lteq: 'P90D' } }] }],
}
export const OPEN = 'urn:dataset:open'
/** The provider waits for a person at every step. */
export const MANUAL = 'urn:dataset:manual'

export async function openConnector(settings: Readonly<Record<string, unknown>> = {}): Promise<Connector> {
  const [port = 0, managementPort = 0] = await freePorts(2)
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-management-')))
  const policiesDir = join(directory, 'policies')
  mkdirSync(join(policiesDir, 'offers'), { recursive: true })
  const manual = {
    onRequested: 'manual',
    onAccepted: 'manual',
    onVerified: 'manual',
    transfer: { onRequested: 'manual' },
  }
  for (const [name, datasetId, more] of [
    ['open', `${OPEN}*`, {}],
    ['manual', MANUAL, { automation: manual }],
  ] as const) {
    const offer = { offer: name, title: { en: name, zh: name }, datasets: [datasetId], ...RULES, ...more }
    writeFileSync(join(policiesDir, 'offers', `${name}.yaml`), JSON.stringify(offer))
  }
  const file = join(directory, 'connector.yaml')
  const config = {
    participant: { name: { en: 'Under test' }, claims: { country: 'CN' } },
    public: { url: `http://localhost:${String(port)}`, port },
    management: { port: managementPort },
    dataDir: join(directory, 'data'),
    policiesDir,
    ...settings,
  }
  writeFileSync(file, JSON.stringify(config))
  const loaded = await loadConfig({ LINGQU_CONFIG: file })
  if (!loaded.ok) throw new Error(`the configuration does not hold: ${JSON.stringify(loaded.findings)}`)
  const app = await openApp(loaded, {
    clock: () => instant(Date.now()),
    newUuid: randomUUID,
    randomBytes: (bytes) => randomBytes(bytes),
    random: Math.random,
    log: silentLog,
    version: '0.0.0',
  })
  await app.listen()
  const adminToken = readFileSync(app.adminTokenFile, 'utf8').trim()

  const call: Connector['call'] = async (method, path, { body, token = adminToken, headers = {} } = {}) => {
    const response = await fetch(`${app.managementUrl}/api/v1${path}`, {
      method,
      headers: {
        connection: 'close',
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null }
  }

  return {
    did: loaded.derived.did,
    managementUrl: app.managementUrl,
    directory,
    adminToken,
    call,
    ask: async <T>(method: string, path: string, body?: unknown) => {
      const { status, text, json } = await call(method, path, body === undefined ? {} : { body })
      if (status >= 300) throw new Error(`${method} ${path} answered ${String(status)}: ${text}`)
      return json as T
    },
    close: async () => {
      await app.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export interface Pair {
  readonly provider: Connector
  readonly consumer: Connector
  readonly close: () => Promise<void>
}

/** Two that list each other; the provider publishes both datasets, each one small file. */
export async function openPair(settings: Readonly<Record<string, unknown>> = {}): Promise<Pair> {
  const [provider, consumer] = await Promise.all([openConnector(settings), openConnector(settings)])
  await provider.ask('POST', '/peers', { did: consumer.did, name: 'consumer', claims: { country: 'VN' } })
  await consumer.ask('POST', '/peers', { did: provider.did, name: 'provider', claims: { country: 'CN' } })
  const path = join(provider.directory, 'data.csv')
  writeFileSync(path, 'date,value\n2026-01-01,17\n')
  await provider.ask(
    'POST',
    '/datasets',
    [OPEN, MANUAL].map((id) => ({ '@id': id, title: id, source: { type: 'file', path, mediaType: 'text/csv' } })),
  )
  return {
    provider,
    consumer,
    close: async () => {
      await Promise.all([provider.close(), consumer.close()])
    },
  }
}

export interface Process {
  readonly id: string
  readonly state: string
  readonly unacknowledged: string | null
  readonly providerPid?: string
  readonly consumerPid?: string
  readonly agreementId: string | null
  readonly problem: { readonly code: string; readonly message: string } | null
}

interface Catalog {
  readonly datasets: readonly { readonly id: string; readonly offers: readonly { readonly offer: object }[] }[]
}

/** The offer on a dataset as the consumer sees it. */
export async function offerOn({ provider, consumer }: Pair, datasetId: string): Promise<object> {
  const { datasets } = await consumer.ask<Catalog>('POST', '/catalog/request', { counterPartyId: provider.did })
  const offer = datasets.find(({ id }) => id === datasetId)?.offers[0]?.offer
  if (offer === undefined) throw new Error(`no offer on ${datasetId}`)
  return offer
}

/** The consumer requests the offer on a dataset; gives its pid. */
export async function negotiate(pair: Pair, datasetId: string, more: object = {}): Promise<string> {
  const body = { counterPartyId: pair.provider.did, offer: await offerOn(pair, datasetId), ...more }
  return (await pair.consumer.ask<Process>('POST', '/negotiations', body)).id
}

/** Resolves once the process is in that state and nothing of ours is on its way. */
export function settled(
  connector: Connector,
  kind: 'negotiations' | 'transfers',
  id: string,
  state: string,
): Promise<Process> {
  return eventually(`${id} is ${state}`, async () => {
    const process = await connector.ask<Process>('GET', `/${kind}/${encodeURIComponent(id)}`)
    return process.state === state && process.unacknowledged === null ? process : null
  })
}

/** The provider's pid of a process of the consumer's. */
export async function theirPid({ consumer }: Pair, kind: 'negotiations' | 'transfers', id: string): Promise<string> {
  return eventually(`the provider's pid of ${id}`, async () => {
    const { providerPid } = await consumer.ask<Process>('GET', `/${kind}/${encodeURIComponent(id)}`)
    return providerPid ?? null
  })
}
