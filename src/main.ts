// The process entry: reads configuration, time and chance, builds the app, listens, and stops on a signal.

import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { App } from './app.ts'
import { findingLine } from './config/finding.ts'
import type { Log } from './kernel/log.ts'
import { ProblemError } from './kernel/problem.ts'
import { instant } from './kernel/time.ts'

/** Runs until a signal comes; resolves with the exit code. `env` is the environment with the command line's options over it. */
export async function start(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  // First of all, before most of the code is even read: for the first process of a container a signal has no default, and
  // one that came too early would be lost.
  const signals = stopSignals()
  const [{ openApp }, { loadConfig }, { createLogger }] = await Promise.all([
    import('./app.ts'),
    import('./config/load.ts'),
    import('./telemetry/logger.ts'),
  ])
  const loaded = await loadConfig(env)
  if (!loaded.ok) {
    for (const finding of loaded.findings) process.stderr.write(`${findingLine(finding)}\n`)
    return 1
  }
  const { config, derived } = loaded
  const log = createLogger({ level: config.log.level })
  let app: App
  try {
    app = await openApp(loaded, {
      clock: () => instant(Date.now()),
      newUuid: randomUUID,
      randomBytes: fromPool(),
      random: Math.random,
      log,
      version: readVersion(),
    })
    await app.listen()
  } catch (error) {
    const why = error instanceof ProblemError ? error.problem.message : 'it cannot start because of an internal error'
    process.stderr.write(`${why}\n`)
    log.error('connector.failed', { error })
    return 1
  }
  process.stdout.write(
    [
      `Lingqu 灵渠 ${readVersion()} · ${config.participant.name.en}`,
      `  DID             ${derived.did}  (${derived.publicUrl}/.well-known/did.json)`,
      `  Catalogue       POST ${derived.dspBase}/catalog/request`,
      `  Management API  ${app.managementUrl}/api/v1  (token in ${app.adminTokenFile})`,
      '',
    ].join('\n'),
  )
  return Promise.race([
    signals.first.then(() => closed(app, log)),
    signals.second.then(() => {
      log.warn('connector.stopped-at-once', { hint: 'a second signal; what was committed is on the disk' })
      return 1
    }),
    crashed(log),
  ])
}

/** 0 once everything has ended in good order. */
async function closed(app: App, log: Log): Promise<number> {
  try {
    await app.close()
    return 0
  } catch (error) {
    log.error('connector.stop-failed', { error })
    return 1
  }
}

/** The signals to stop, also where they come during the start: then what was started is closed again. */
function stopSignals(): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const [first, second] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  let hasCome = false
  const onSignal = (): void => {
    const { resolve } = hasCome ? second : first
    hasCome = true
    resolve(undefined)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal)
  return { first: first.promise, second: second.promise }
}

/**
 * Resolves with the exit code after a bug that nobody caught: nobody knows what it has left in memory, and the database is whole
 * at every moment, so the process ends and is started again. Left to Node, the error would be written out with all that it holds.
 */
function crashed(log: Log): Promise<number> {
  return new Promise((done) => {
    process.on('uncaughtException', (error) => {
      log.error('connector.crashed', { error })
      done(1)
    })
  })
}

/** Random bytes by the few, asked of the system by the thousand: every evidence entry wants sixteen. None is given twice. */
function fromPool(): (bytes: number) => Uint8Array {
  let pool = randomBytes(0)
  return (bytes) => {
    if (bytes > pool.length) pool = randomBytes(Math.max(bytes, 4_096))
    const given = Uint8Array.from(pool.subarray(0, bytes))
    pool = pool.subarray(bytes)
    return given
  }
}

export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

if (import.meta.main) process.exit(await start(process.env))
