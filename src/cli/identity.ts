// `lingqu identity …`: the DID and the public halves of its keys, and another key in place of the present one.

import { problem, ProblemError } from '../kernel/problem.ts'
import { silentLog } from '../kernel/log.ts'
import { toIso } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { createRotateKey } from '../shell/rotate-key.ts'
import { isDirectoryLocked, lockDirectory } from '../store/lock.ts'
import { openKeyRing } from '../trust/key-ring.ts'
import { keysAt, readKeys, type OwnKey } from '../trust/keys.ts'
import { BY_COMMAND, withStore } from './ledger.ts'
import { openManagement } from './management.ts'
import { done, type Command, type Io } from './outcome.ts'
import { readSettings, type Settings } from './settings.ts'

/** Read from the files; makes nothing. */
export const showIdentity: Command = async (_invocation, io) => {
  const { derived, config, paths } = await readSettings(io)
  const { did } = derived
  const read = await readKeys(paths.keys)
  const open = keysAt(read, { algorithm: config.identity.algorithm, now: io.clock() })
  const keys = read.map((key) => ({
    id: key.id,
    alg: key.alg,
    created: toIso(key.created),
    signsFrom: toIso(key.signsFrom),
    // It signs; the others are published so that what they signed still verifies, or so that they are known when they sign.
    isCurrent: key === open?.current,
    isPublished: open?.all.includes(key) ?? false,
    publicJwk: key.publicJwk,
  }))
  const lines = keys.map(({ id, alg, created, signsFrom, isCurrent, isPublished }) => {
    const state = isCurrent
      ? 'signs'
      : !isPublished
        ? 'retired'
        : signsFrom > toIso(io.clock())
          ? `signs from ${signsFrom}`
          : 'published'
    return `  ${did}#${id}  ${alg}  made ${created}  (${state})`
  })
  return done(
    { did, keys },
    [did, ...(lines.length === 0 ? ['  no key yet: the first start makes it'] : lines)].join('\n'),
  )
}

interface Rotated {
  readonly kid: string
  readonly signsFrom: string
  readonly olderUntil: string
}

/** A connector that runs has the keys in memory, and is asked to do it; else it is done on the files. */
export const rotateIdentity: Command = async ({ flag }, io) => {
  const settings = await readSettings(io)
  const atOnce = flag('at-once')
  const rotated = isDirectoryLocked(settings.paths.dir)
    ? await (await openManagement(io)).post<Rotated>('/identity/rotate', { atOnce })
    : await rotateOnFiles(settings, atOnce, io)
  const { kid, signsFrom, olderUntil } = rotated
  const { did } = settings.derived
  return done(
    { did, kid, signsFrom, olderUntil },
    [
      `${did}#${kid} is published`,
      `  signs from                ${signsFrom}`,
      `  older keys are destroyed  ${olderUntil}`,
    ].join('\n'),
  )
}

async function rotateOnFiles(settings: Settings, atOnce: boolean, io: Io): Promise<Rotated> {
  const { paths, config, derived } = settings
  const { clock } = io
  const options = { algorithm: config.identity.algorithm, now: clock() }
  if (keysAt(await readKeys(paths.keys), options) === null) {
    const sentence = `there is no ${options.algorithm} key in ${paths.keys} to rotate: the next start makes it`
    throw new ProblemError(problem('resource.unknown', sentence))
  }
  const lock = lockDirectory(paths.dir)
  try {
    const ring = await openKeyRing(paths.keys, options)
    return await withStore(settings, io, async (store) => {
      const self = derived.did as ParticipantId
      // Nothing waits here for the overlap to end: the next start destroys the old key.
      const rotator = createRotateKey({ ring, store, clock, self, log: silentLog, setTimer: () => () => undefined })
      return rotationView((await rotator.rotate({ atOnce }, BY_COMMAND)).key)
    })
  } finally {
    lock.release()
  }
}

function rotationView({ id, signsFrom, olderUntil }: OwnKey): Rotated {
  return { kid: id, signsFrom: toIso(signsFrom), olderUntil: toIso(olderUntil ?? signsFrom) }
}
