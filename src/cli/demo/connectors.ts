// The connectors of the demo: each a process of its own with its own port, keys, database and log file.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { managementAt, messageOf, type Management } from '../management.ts'
import type { Io } from '../outcome.ts'
import { CONNECTOR } from '../start.ts'
import { watchEvidence, type Watch } from './watch.ts'

export interface Participant {
  /** The name of its folder. */
  readonly key: string
  readonly name: { readonly en: string; readonly zh?: string }
  readonly country: string
}

export interface Connector extends Participant {
  readonly did: string
  readonly database: string
  readonly api: Management
  readonly watch: Watch
  /** Lets it finish and close its database. May be called twice. */
  readonly stop: () => Promise<void>
}

export interface Launch {
  readonly participant: Participant
  /** Where it lives; its policies may lie there already. */
  readonly folder: string
  readonly ports: PortPair
  readonly env: Io['env']
  readonly stopped: AbortSignal
  /** Called when the process ends without having been asked to. */
  readonly onDeath: (name: string) => void
}

export interface PortPair {
  readonly public: number
  readonly management: number
}

const ATTEMPTS = 3
const STOP_TIMEOUT_MS = 10_000
const LOG_TAIL_LINES = 12

/** Free ports, all found before any is used, so that no two are the same. */
export async function freePorts(pairs: number): Promise<readonly PortPair[]> {
  const servers = await Promise.all(Array.from({ length: 2 * pairs }, listenAnywhere))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return Array.from({ length: pairs }, (_, pair) => ({
    public: ports[2 * pair] ?? 0,
    management: ports[2 * pair + 1] ?? 0,
  }))
}

/** Starts one and waits until it listens. Takes other ports if somebody else was quicker. Throws with the end of its log. */
export async function startConnector(launch: Launch): Promise<Connector> {
  for (let attempt = 1, { ports } = launch; ; attempt++) {
    const started = await tryStart({ ...launch, ports })
    if (started !== null) return started
    const { stopped } = launch
    if (stopped.aborted) throw new ProblemError(problem('stopping', messageOf(stopped.reason)))
    const tail = await logTail(launch.folder)
    const isTaken = tail.includes('EADDRINUSE')
    if (!isTaken || attempt === ATTEMPTS) {
      throw new ProblemError(problem('peer.unreachable', `${launch.participant.name.en} did not start\n${tail}`))
    }
    ports = (await freePorts(1))[0] ?? ports
  }
}

/** The last lines of a connector's log; empty where it has none. */
export async function logTail(folder: string): Promise<string> {
  const text = await readFile(logFile(folder), 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
}

async function tryStart(launch: Launch): Promise<Connector | null> {
  const { participant, folder, ports, stopped, onDeath } = launch
  const data = join(folder, 'data')
  const settings = join(folder, 'connector.yaml')
  await mkdir(join(folder, 'policies'), { recursive: true })
  await writeFile(settings, settingsText(launch))

  await using log = await open(logFile(folder), 'a')
  if (stopped.aborted) return null
  const child = spawn(process.execPath, [CONNECTOR], {
    env: { ...withoutOurSettings(launch.env), LINGQU_CONFIG: settings },
    stdio: ['ignore', 'pipe', log.fd],
  })
  const ended = once(child, 'exit')
  const stop = (): Promise<void> => end(child, ended)
  stopped.addEventListener('abort', () => void stop(), { once: true })
  if (!(await hasStarted(child))) return null

  const token = await readFile(join(data, 'admin.token'), 'utf8')
  const api = managementAt(`http://127.0.0.1:${String(ports.management)}/api/v1`, token.trim(), stopped)
  const watch = await watchEvidence(api, stopped).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  let isAsked = false
  child.once('exit', () => {
    if (!isAsked) onDeath(participant.name.en)
  })
  return {
    ...participant,
    did: `did:web:localhost%3A${String(ports.public)}`,
    database: join(data, 'connector.db'),
    api,
    watch,
    stop: async () => {
      isAsked = true
      watch.close()
      await stop()
    },
  }
}

/** True when it says where it listens, false when it ends before. */
async function hasStarted({ stdout }: ChildProcess): Promise<boolean> {
  let said = ''
  for await (const piece of stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    said += String(piece)
    if (!said.includes('Management API')) continue
    stdout?.resume()
    return true
  }
  return false
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

function settingsText({ participant: { name, country }, folder, ports }: Launch): string {
  return `# Written by the demo.
participant:
  name: ${JSON.stringify(name)}
  claims: { country: ${country} }
public: { url: 'http://localhost:${String(ports.public)}', port: ${String(ports.public)} }
management: { port: ${String(ports.management)} }
dataDir: ${JSON.stringify(join(folder, 'data'))}
policiesDir: ${JSON.stringify(join(folder, 'policies'))}
`
}

/** What somebody has set for a connector of their own is not meant for these. */
function withoutOurSettings(env: Io['env']): Io['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('LINGQU_')))
}

function logFile(folder: string): string {
  return join(folder, 'connector.log')
}

async function listenAnywhere(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
