// The process entry: reads configuration, time and chance, builds the app, listens, and stops on a signal.

import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openApp, type App } from './app.ts'
import { findingLine } from './config/finding.ts'
import { loadConfig } from './config/load.ts'
import { ProblemError } from './kernel/problem.ts'
import { instant } from './kernel/time.ts'
import { createLogger } from './telemetry/logger.ts'

/** Runs until a signal comes; resolves with the exit code. `env` is the environment with the command line's options over it. */
export async function start(env: Readonly<Record<string, string | undefined>>): Promise<number> {
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
    process.stderr.write(`${error instanceof ProblemError ? error.problem.message : String(error)}\n`)
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
  return new Promise((done) => {
    const stop = (): void => {
      app.close().then(
        () => {
          done(0)
        },
        (error: unknown) => {
          log.error('connector.stop-failed', { error })
          done(1)
        },
      )
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
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
