// A connector to be measured: a process of its own with production settings, its folder in the scratch of the run.

import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../fixtures/ports.ts'
import { follow, send } from './http.ts'
import { newFolder, spawnNode, stopChild } from './scratch.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface ConnectorOptions {
  readonly name: string
  /** Text of the offer files, by name without ending. */
  readonly offers?: Readonly<Record<string, string>>
  /** Node's own options, as for a profile. */
  readonly nodeOptions?: readonly string[]
  /** Where compiled code is kept; by default one folder for all connectors of the run. */
  readonly compileCache?: string
}

export interface BenchConnector {
  readonly did: string
  readonly publicUrl: string
  readonly folder: string
  readonly database: string
  readonly processId: () => number
  /** Milliseconds from the start of the process to the 200 of `/readyz`. */
  readonly start: () => Promise<number>
  readonly stop: () => Promise<void>
  /** `path` begins behind `/api/v1`; a body makes it a POST. Throws unless the answer is 2xx. */
  readonly call: <T>(path: string, body?: unknown) => Promise<T>
  /** The evidence of these types from now on. */
  readonly follow: (
    types: readonly string[],
    listener: (entry: Entry) => void,
  ) => Promise<{ readonly stop: () => void }>
}

/** What is read of an evidence entry. */
export interface Entry {
  readonly type: string
  readonly pid?: string
  readonly agreement?: string
  readonly ext?: Readonly<Record<string, unknown>>
}

/** Makes the folder and its settings; starts nothing. */
export async function prepareConnector({ name, offers = {}, ...options }: ConnectorOptions): Promise<BenchConnector> {
  const [port = 0, managementPort = 0] = await freePorts(2)
  const { nodeOptions = [], compileCache = newFolder('compiled') } = options
  const folder = newFolder(name)
  const [dataDir, policiesDir] = [join(folder, 'data'), join(folder, 'policies')]
  mkdirSync(join(policiesDir, 'offers'), { recursive: true })
  for (const [offer, text] of Object.entries(offers)) writeFileSync(join(policiesDir, 'offers', `${offer}.yaml`), text)

  const publicUrl = `http://localhost:${String(port)}`
  const settings = join(folder, 'connector.yaml')
  const config = {
    participant: { name: { en: name }, claims: { country: 'CN' } },
    public: { url: publicUrl, port },
    management: { port: managementPort },
    dataDir,
    policiesDir,
  }
  writeFileSync(settings, JSON.stringify(config))

  const api = `http://127.0.0.1:${String(managementPort)}/api/v1`
  const headers = (): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })
  let token = ''
  let child: ChildProcess | null = null

  return {
    did: `did:web:localhost%3A${String(port)}`,
    publicUrl,
    folder,
    database: join(dataDir, 'connector.db'),
    processId: () => child?.pid ?? 0,
    start: async () => {
      const log = openSync(join(folder, 'connector.log'), 'a')
      const env = { PATH: process.env['PATH'], LINGQU_CONFIG: settings, NODE_COMPILE_CACHE: compileCache }
      const begun = performance.now()
      child = spawnNode([...nodeOptions, MAIN], env, log)
      closeSync(log)
      await announced(child, folder)
      const ready = await send('GET', `http://127.0.0.1:${String(port)}/readyz`, {})
      const ms = performance.now() - begun
      if (ready.status !== 200) throw new Error(`${name} listens and is not ready: ${String(ready.status)}`)
      token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim()
      return ms
    },
    stop: async () => {
      if (child !== null) await stopChild(child)
    },
    call: async <T>(path: string, body?: unknown) => {
      const { status, text } = await send(body === undefined ? 'GET' : 'POST', api + path, headers(), body)
      if (status >= 300) throw new Error(`${name} answered ${String(status)} to ${path}: ${text}`)
      return JSON.parse(text) as T
    },
    follow: (types, listener) =>
      follow(`${api}/events?type=${types.join(',')}`, headers(), (event) => {
        listener(event as Entry)
      }),
  }
}

/** Its last words before the ports are of use: they are written when both listen. */
async function announced(child: ChildProcess, folder: string): Promise<void> {
  let said = ''
  for await (const piece of child.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    said += String(piece)
    if (!said.includes('Management API')) continue
    child.stdout?.resume()
    return
  }
  throw new Error(`the connector did not start:\n${readFileSync(join(folder, 'connector.log'), 'utf8')}`)
}
