// A rotation through time: what signs, what is published, what peers with any older document make of it.

import { chmod, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { EvidenceDraft } from '../../../src/domain/evidence/entry.ts'
import type { Store, Write } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { instant, later, toIso } from '../../../src/kernel/time.ts'
import type { ParticipantId } from '../../../src/protocol/ids.ts'
import { createRotateKey, type RotateKey } from '../../../src/shell/rotate-key.ts'
import { openKeyRing, type KeyRing } from '../../../src/trust/key-ring.ts'
import type { SetTimer } from '../../../src/shell/timer.ts'
import { identity, peers, tempDir, watch } from './ports.ts'
import { NOW, PEER, US } from './tokens.ts'

const MINUTE = 60_000
const DOCUMENT_URL = 'https://peer.example/.well-known/did.json'

interface Rotating {
  readonly dir: string
  readonly ring: KeyRing
  readonly rotator: RotateKey
  readonly evidence: readonly EvidenceDraft[]
  readonly clock: ReturnType<typeof watch>['clock']
  readonly pass: (ms: number) => void
}

/** A ring whose evidence is kept in a list; `refuses` is thrown instead of keeping it. */
async function rotating(refuses?: Error): Promise<Rotating> {
  const dir = join(await tempDir(), 'keys')
  const { clock, pass } = watch()
  const ring = await openKeyRing(dir, { algorithm: 'ES256', now: clock() })
  const evidence: EvidenceDraft[] = []
  const transact: Store['transact'] = (_load, decide) => {
    if (refuses !== undefined) return Promise.reject(refuses)
    const { write, result } = decide(null as never)
    evidence.push(...write.flatMap((each: Write) => ('append' in each ? [each.entry] : [])))
    return Promise.resolve(result)
  }
  // Fires as soon as the time has come that the test lets pass.
  const timers: { at: number; wake: () => void }[] = []
  const setTimer: SetTimer = (ms, wake) => {
    timers.push({ at: clock() + ms, wake })
    return () => undefined
  }
  const rotator = createRotateKey({
    ring,
    store: { transact },
    clock,
    self: PEER as ParticipantId,
    log: silentLog,
    setTimer,
  })
  return {
    dir,
    ring,
    rotator,
    evidence,
    clock,
    pass: (ms) => {
      pass(ms)
      for (const due of timers.filter(({ at }) => at <= clock())) due.wake()
    },
  }
}

it('a new key is published before it signs, and the old one until what it signed has expired', async () => {
  const { ring, rotator, clock, pass } = await rotating()
  const state = (): readonly string[] => [ring.at(clock()).current.id, ...ring.at(clock()).all.map(({ id }) => id)]
  expect(state()).toEqual(['key-1', 'key-1'])

  await rotator.rotate({ atOnce: false }, 'admin')

  expect(state()).toEqual(['key-1', 'key-1', 'key-2'])
  pass(6 * MINUTE - 1)
  expect(state()).toEqual(['key-1', 'key-1', 'key-2'])
  pass(1)
  expect(state()).toEqual(['key-2', 'key-1', 'key-2'])
  pass(10 * MINUTE)
  expect(state()).toEqual(['key-2', 'key-2'])
})

it('at every moment a token is accepted by a peer with the document of any of the five minutes before', async () => {
  const { ring, rotator, clock, pass } = await rotating()
  const sender = await identity({ did: PEER, keys: () => ring.at(clock()), clock })
  const issued: { readonly document: object; readonly at: number }[] = []
  const check = async (): Promise<void> => {
    issued.push({ document: sender.didDocument(), at: clock() })
    const authorization = await sender.issue(US as ParticipantId)
    for (const { document } of issued.filter(({ at }) => clock() - at <= 5 * MINUTE)) {
      // Its document is all that it can get: it fetches no other.
      const receiver = await identity({ ...peers({ [DOCUMENT_URL]: document }), clock })
      expect(await receiver.authenticate(authorization)).toMatchObject({ participant: PEER })
    }
  }

  await check()
  await rotator.rotate({ atOnce: false }, 'admin')
  for (let minutes = 0; minutes < 20; minutes += 1) {
    await check()
    pass(MINUTE)
  }
  expect(ring.at(clock()).all.map(({ id }) => id)).toEqual(['key-2'])
})

it('a token that the old key signed at its last moment is accepted for as long as it lives', async () => {
  const { ring, rotator, clock, pass } = await rotating()
  const sender = await identity({ did: PEER, keys: () => ring.at(clock()), clock })
  await rotator.rotate({ atOnce: false }, 'admin')
  pass(6 * MINUTE - 1)
  const authorization = await sender.issue(US as ParticipantId)

  pass(59_000)

  const receiver = await identity({ ...peers({ [DOCUMENT_URL]: sender.didDocument() }), clock })
  expect(await receiver.authenticate(authorization)).toMatchObject({ participant: PEER })
})

it('at once: the old key leaves the document now, and a peer that has kept it finds the new one', async () => {
  const { dir, ring, rotator, clock } = await rotating()
  const sender = await identity({ did: PEER, keys: () => ring.at(clock()), clock })
  const world = peers({ [DOCUMENT_URL]: sender.didDocument() })
  const receiver = await identity({ ...world, clock })
  const before = await sender.issue(US as ParticipantId)
  await receiver.authenticate(before)

  await rotator.rotate({ atOnce: true }, 'admin')
  world.answers[DOCUMENT_URL] = sender.didDocument()

  expect(await receiver.authenticate(await sender.issue(US as ParticipantId))).toMatchObject({ participant: PEER })
  await expect(receiver.authenticate(before)).rejects.toMatchObject({ problem: { code: 'token.key' } })
  expect(await readdir(dir)).toEqual(['key-1.retired.json', 'key-2.json'])
})

it('the private half of a key that has left is destroyed, its public half and its number are kept', async () => {
  const { dir, ring, rotator, evidence, clock, pass } = await rotating()
  const old = ring.at(clock()).current
  await rotator.rotate({ atOnce: false }, 'admin')
  pass(16 * MINUTE)
  await rotator.retire()

  expect(await readdir(dir)).toEqual(['key-1.retired.json', 'key-2.json'])
  const kept = JSON.parse(await readFile(join(dir, 'key-1.retired.json'), 'utf8')) as object
  expect(kept).toEqual({
    kid: 'key-1',
    alg: 'ES256',
    created: toIso(NOW),
    retired: toIso(clock()),
    publicJwk: old.publicJwk,
  })
  expect(evidence.map(({ type, ext }) => [type, ext?.['kid']])).toContainEqual(['key.retired', 'key-1'])
  const { key } = await rotator.rotate({ atOnce: false }, 'admin')
  expect(key.id).toBe('key-3')
})

it('a rotation goes on record with who ordered it and when the keys change', async () => {
  const { rotator, evidence } = await rotating()
  await rotator.rotate({ atOnce: false }, 'night-shift')
  expect(evidence).toMatchObject([
    {
      type: 'key.created',
      ext: {
        ...{ by: 'night-shift', kid: 'key-2', instead: 'key-1' },
        ...{ signsFrom: toIso(later(NOW, 6 * MINUTE)), olderUntil: toIso(later(NOW, 16 * MINUTE)) },
      },
    },
  ])
})

it('without evidence there is no key: what cannot be put on record is undone', async () => {
  const full = new ProblemError(problem('store.full', 'full'))
  const { dir, ring, rotator, clock } = await rotating(full)

  await expect(rotator.rotate({ atOnce: true }, 'admin')).rejects.toBe(full)

  expect(ring.at(clock()).all.map(({ id }) => id)).toEqual(['key-1'])
  expect(await readdir(dir)).toEqual(['key-1.json'])
})

it('a restart in the middle takes up the rotation where it stood', async () => {
  const { dir, rotator, clock, pass } = await rotating()
  await rotator.rotate({ atOnce: false }, 'admin')

  const before = await openKeyRing(dir, { algorithm: 'ES256', now: clock() })
  expect([before.made, before.at(clock()).current.id]).toEqual([null, 'key-1'])
  pass(7 * MINUTE)
  const after = await openKeyRing(dir, { algorithm: 'ES256', now: clock() })
  expect([after.made, after.at(clock()).current.id]).toEqual([null, 'key-2'])
  expect(after.nextRetirement(clock())).toBe(instant(NOW + 16 * MINUTE))
})

it('two rotations at the same moment make one key, and the number of published keys is bounded', async () => {
  const { rotator, ring, clock } = await rotating()
  const both = await Promise.allSettled([1, 2].map(() => rotator.rotate({ atOnce: false }, 'admin')))
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  for (let more = 0; more < 6; more += 1) await rotator.rotate({ atOnce: false }, 'admin')

  await expect(rotator.rotate({ atOnce: false }, 'admin')).rejects.toMatchObject({ problem: { code: 'busy.limit' } })
  expect(ring.at(clock()).all).toHaveLength(8)
})

it('a key file that others can read stops the ring too', async () => {
  const { dir } = await rotating()
  await chmod(join(dir, 'key-1.json'), 0o640)
  await expect(openKeyRing(dir, { algorithm: 'ES256', now: NOW })).rejects.toMatchObject({
    problem: { code: 'config.invalid' },
  })
})
