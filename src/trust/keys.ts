// Our own signing keys: made at the first start, kept one file a key, readable by nobody else.

import { KeyObject } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { exportJWK, generateKeyPair, importJWK } from 'jose'
import type { JWK } from 'jose'
import { problem, ProblemError } from '../kernel/problem.ts'
import { instant, toIso } from '../kernel/time.ts'
import type { Instant } from '../kernel/time.ts'
import type { NamedKey } from '../domain/trust/did-document.ts'
import { readPublicJwk } from '../domain/trust/suites.ts'

export type OwnAlg = 'ES256' | 'EdDSA'

export interface OwnKey extends NamedKey {
  readonly alg: OwnAlg
  readonly privateKey: KeyObject
  readonly created: Instant
  /** It stands in the DID document from its making on, and signs from then on. */
  readonly signsFrom: Instant
  /** When the older keys leave the DID document; null where this one was not made to follow them. */
  readonly olderUntil: Instant | null
}

/** `current` signs; all of them stand in the DID document, so that tokens from before a rotation still verify. */
export interface OwnKeys {
  readonly current: OwnKey
  readonly all: readonly OwnKey[]
}

export interface KeyOptions {
  readonly algorithm: OwnAlg
  readonly now: Instant
}

/**
 * Opens the keys in `dir` (the folder `keys` of the data directory); makes the first key of the wanted algorithm if there is
 * none. The newest key of that algorithm signs.
 * Throws `config.invalid` when a key file can be read by others, or does not hold a working key: signing with a wrong key
 * would make every peer refuse us, and only they would know why.
 */
export async function openKeys(dir: string, options: KeyOptions): Promise<OwnKeys> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (((await stat(dir)).mode & 0o022) !== 0) {
    throw invalid(dir, 'others can write to the folder of keys; expected mode 0700 (chmod 700)')
  }
  const keys = await readKeys(dir)
  const open = keysAt(keys, options)
  if (open !== null) return open
  const made = await prepareKey(dir, { ...options, signsFrom: options.now, olderUntil: null })
  await made.adopt()
  const all = [...keys, made.key]
  return keysAt(all, options) ?? { current: made.key, all }
}

/** Every key that is not destroyed, in the order of their numbers. Makes nothing; none where there is no folder. */
export async function readKeys(dir: string): Promise<readonly OwnKey[]> {
  const numbers = await keyNumbers(dir, IN_USE)
  return Promise.all(numbers.map((number) => readKey(join(dir, `key-${String(number)}.json`))))
}

/** What signs and what is published at that moment; null where no published key is of that algorithm. */
export function keysAt(keys: readonly OwnKey[], { algorithm, now }: KeyOptions): OwnKeys | null {
  const all = keys.filter((_, index) => !isRetired(keys, index, now))
  const fitting = all.filter(({ alg }) => alg === algorithm)
  // After the clock was set back nothing may have begun to sign yet: then the newest does.
  const current = fitting.findLast(({ signsFrom }) => signsFrom <= now) ?? fitting.at(-1)
  return current === undefined ? null : { current, all }
}

/** The keys that have left the DID document by then: nothing that they signed is waited for any more. */
export function retiredAt(keys: readonly OwnKey[], now: Instant): readonly OwnKey[] {
  return keys.filter((_, index) => isRetired(keys, index, now))
}

function isRetired(keys: readonly OwnKey[], index: number, now: Instant): boolean {
  return keys.slice(index + 1).some(({ olderUntil }) => olderUntil !== null && olderUntil <= now)
}

export interface NewKeyOptions extends KeyOptions {
  readonly signsFrom: Instant
  readonly olderUntil: Instant | null
}

/** A key that is whole on the disk, under a name that no start takes for a key. */
export interface PreparedKey {
  readonly key: OwnKey
  /** From now on it is one of the keys, also after a crash. */
  readonly adopt: () => Promise<void>
  readonly discard: () => Promise<void>
}

/** Makes another key, with a number that no key of this folder has or had. */
export async function prepareKey(dir: string, options: NewKeyOptions): Promise<PreparedKey> {
  const { algorithm, now, signsFrom, olderUntil } = options
  const id = `key-${String(((await keyNumbers(dir, EVER_USED)).at(-1) ?? 0) + 1)}`
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const file = join(dir, `${id}.json`)
  const beside = `${file}.new`
  await writeNew(beside, {
    kid: id,
    alg: algorithm,
    created: toIso(now),
    ...(signsFrom !== now && { signsFrom: toIso(signsFrom) }),
    ...(olderUntil !== null && { olderUntil: toIso(olderUntil) }),
    privateJwk: await exportJWK(privateKey),
  })
  return {
    key: await readKey(beside, `${id}.json`),
    adopt: async () => {
      await rename(beside, file)
      await syncFolder(dir)
    },
    discard: () => rm(beside, { force: true }),
  }
}

/**
 * Destroys the private half of a key and keeps the public one under another name, so that its number is never given again and
 * what it signed can still be checked. Overwriting is all that can be done here: a disk may keep older blocks.
 */
export async function destroyKey(dir: string, { id, alg, created, publicJwk }: OwnKey, now: Instant): Promise<void> {
  const file = join(dir, `${id}.json`)
  const kept = join(dir, `${id}.retired.json`)
  await writeNew(`${kept}.new`, { kid: id, alg, created: toIso(created), retired: toIso(now), publicJwk })
  await rename(`${kept}.new`, kept)
  {
    await using handle = await open(file, 'r+')
    const { size } = await handle.stat()
    await handle.write(Buffer.alloc(size), 0, size, 0)
    await handle.sync()
  }
  await rm(file)
  await syncFolder(dir)
}

const IN_USE = /^key-([1-9]\d{0,5})\.json$/
const EVER_USED = /^key-([1-9]\d{0,5})(?:\.retired)?\.json$/

async function keyNumbers(dir: string, names: RegExp): Promise<number[]> {
  const found = await readdir(dir).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  return found
    .flatMap((name) => names.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

async function readKey(file: string, name: string = basename(file)): Promise<OwnKey> {
  const text = await readPrivate(file)
  try {
    const { kid, alg, created, signsFrom, olderUntil, privateJwk } = JSON.parse(text) as KeyFile
    if (typeof kid !== 'string' || name !== `${kid}.json`) throw new Error('expected kid as in the file name')
    if (alg !== 'ES256' && alg !== 'EdDSA') throw new Error('expected alg ES256 or EdDSA')
    const publicJwk = readPublicJwk({ ...privateJwk, d: undefined })
    if (!publicJwk.ok) throw new Error(publicJwk.problem.message)
    const privateKey = await importJWK(privateJwk, alg, { extractable: true }) // refuses halves that do not belong together
    if (privateKey instanceof Uint8Array || privateKey.type !== 'private') throw new Error('expected a private key')
    return {
      id: kid,
      alg,
      publicJwk: publicJwk.value,
      privateKey: KeyObject.from(privateKey),
      created: timeIn(created),
      signsFrom: timeIn(signsFrom ?? created),
      olderUntil: olderUntil === undefined ? null : timeIn(olderUntil),
    }
  } catch (cause) {
    throw invalid(
      file,
      'the file does not hold a working key; restore it from a backup, or move it away to get a new key',
      cause,
    )
  }
}

interface KeyFile {
  readonly kid: unknown
  readonly alg: unknown
  readonly created: unknown
  readonly signsFrom?: unknown
  readonly olderUntil?: unknown
  readonly privateJwk: JWK
}

function timeIn(text: unknown): Instant {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new Error('expected a date and time')
  return instant(time)
}

/** Looks at the mode of the file that was opened, not of a name that may have come to mean another. */
async function readPrivate(file: string): Promise<string> {
  await using handle = await open(file, constants.O_RDONLY)
  const { mode } = await handle.stat()
  if ((mode & 0o077) !== 0) {
    throw invalid(file, `others can read the key (mode ${(mode & 0o777).toString(8)}); expected mode 0600 (chmod 600)`)
  }
  return await handle.readFile('utf8')
}

/** On the disk whole when it resolves; what a crash left of an earlier one gives way. */
async function writeNew(file: string, content: object): Promise<void> {
  await rm(file, { force: true })
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`)
  await handle.sync()
}

async function syncFolder(dir: string): Promise<void> {
  await using folder = await open(dir, constants.O_RDONLY)
  await folder.sync()
}

function invalid(path: string, message: string, cause?: unknown): ProblemError {
  return new ProblemError(problem('config.invalid', message, path), { cause })
}
