// `lingqu doctor`: ten looks at a connector that runs or is to run. Changes nothing, and says of each trouble what to do.

import { existsSync } from 'node:fs'
import { findingLine } from '../../config/finding.ts'
import { loadConfig } from '../../config/load.ts'
import { dataPaths } from '../../config/data-dir.ts'
import { inspectDatabase } from '../../store/inspect.ts'
import { isDirectoryLocked } from '../../store/lock.ts'
import { readKeys } from '../../trust/keys.ts'
import { openClients } from '../../wire/clients.ts'
import { findMistakes } from '../check.ts'
import { EXIT, type Command, type Io, type Outcome } from '../outcome.ts'
import type { Settings } from '../settings.ts'
import { allFine, isProblem, orProblem, type Check, type Patient } from './check.ts'
import { checkClock } from './clock.ts'
import { checkDatabase, TAIL_MAX } from './database.ts'
import { checkDisk } from './disk.ts'
import { checkKeys } from './keys.ts'
import { checkOutbound } from './outbound.ts'
import { checkPeers, PEERS_MAX } from './peers.ts'
import { checkPolicies } from './policies.ts'
import { checkPorts } from './ports.ts'
import { checkPublicUrl } from './public-url.ts'

interface Named extends Check {
  readonly name: string
}

export const doctor: Command = async (_invocation, io) => {
  const { findings, offers } = await findMistakes(io.env)
  const configuration: Named = {
    name: 'configuration',
    ...allFine(findings.map(findingLine), `settings and policies are in order; offers: ${String(offers)}`),
  }
  const loaded = await loadConfig(io.env)
  // Where the settings cannot be read, nobody knows what else to look at.
  if (!loaded.ok) return told([configuration])
  const settings = { ...loaded, paths: dataPaths(loaded.config.dataDir) }
  return told([configuration, ...(await examine(settings, io))])
}

async function examine(settings: Settings, { clock, progress }: Io): Promise<readonly Named[]> {
  const { paths, config, derived } = settings
  const outbound = await checkOutbound({ settings, now: clock() })
  const { extraCaFile, ...withoutCa } = config.outbound
  const options = { loopback: derived.loopback, connectTimeoutMs: config.limits.connectTimeoutMs }
  const withCa = await orProblem(() => openClients({ ...config.outbound, ...options }))
  // What is wrong with the file of authorities is said; what does not need them can be asked all the same.
  const clients = isProblem(withCa) ? openClients({ ...withoutCa, ...options }) : withCa
  progress('looking at the files, and calling the peers')
  try {
    const patient: Patient = {
      settings,
      isRunning: isDirectoryLocked(paths.dir),
      database: existsSync(paths.database)
        ? await orProblem(() => inspectDatabase(paths.database, { tailMax: TAIL_MAX, peersMax: PEERS_MAX }))
        : null,
      keys: await orProblem(() => readKeys(paths.keys)),
      now: clock(),
      callOwn: clients.sources.call,
      callPeer: clients.peers.call,
      skews: [],
    }
    const [publicUrl, peers, ports] = [
      await checkPublicUrl(patient, clock),
      await checkPeers(patient, clock),
      await checkPorts(patient),
    ]
    // prettier-ignore
    return [
      { name: 'public-url', ...publicUrl },
      { name: 'clock',      ...checkClock(patient) },
      { name: 'disk',       ...checkDisk(patient) },
      { name: 'keys',       ...checkKeys(patient) },
      { name: 'ports',      ...ports },
      { name: 'database',   ...checkDatabase(patient) },
      { name: 'policies',   ...(await checkPolicies(patient)) },
      { name: 'peers',      ...peers },
      { name: 'outbound',   ...outbound },
    ]
  } finally {
    await Promise.all([clients.peers.close(), clients.sources.close()])
  }
}

function told(checks: readonly Named[]): Outcome {
  const lines = checks.map(({ name, ok, detail }) => `${ok ? 'ok   ' : 'FOUND'}  ${name.padEnd(13)}  ${detail}`)
  return {
    exit: checks.every(({ ok }) => ok) ? EXIT.good : EXIT.bad,
    json: { checks: checks.map(({ name, ok, detail }) => ({ name, ok, detail })) },
    text: lines.join('\n'),
  }
}
