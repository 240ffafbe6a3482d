// Our own signing keys: made at the first start, kept one file a key, readable by nobody else.

import { KeyObject } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { exportJWK, generateKeyPair, importJWK } from 'jose'
import type { JWK } from 'jose'
import { problem, ProblemError } from '../kernel/problem.ts'
import { toIso } from '../kernel/time.ts'
import type { Instant } from '../kernel/time.ts'
import type { NamedKey } from '../domain/trust/did-document.ts'
import { readPublicJwk } from '../domain/trust/suites.ts'

export type OwnAlg = 'ES256' | 'EdDSA'

export interface OwnKey extends NamedKey {
  readonly alg: OwnAlg
  readonly privateKey: KeyObject
}

/** `current` signs; the older ones stay in the DID document, so that tokens sent before a rotation still verify. */
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
  const numbers = await keyNumbers(dir)
  const all = await Promise.all(numbers.map((number) => readKey(join(dir, fileName(number)))))
  const current = all.findLast(({ alg }) => alg === options.algorithm)
  return current === undefined ? addKey(dir, options, all) : { current, all }
}

/** Makes another key and lets it sign from now on: the first start, and every rotation. */
export async function addKey(dir: string, { algorithm, now }: KeyOptions, others: readonly OwnKey[]): Promise<OwnKeys> {
  const id = `key-${((await keyNumbers(dir)).at(-1) ?? 0) + 1}`
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const file = join(dir, `${id}.json`)
  await writePrivate(dir, file, {
    kid: id,
    alg: algorithm,
    created: toIso(now),
    privateJwk: await exportJWK(privateKey),
  })
  const current = await readKey(file)
  return { current, all: [...others, current] }
}

function fileName(number: number): string {
  return `key-${number}.json`
}

async function keyNumbers(dir: string): Promise<number[]> {
  const names = await readdir(dir)
  return names
    .flatMap((name) => /^key-([1-9]\d{0,5})\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

async function readKey(file: string): Promise<OwnKey> {
  const text = await readPrivate(file)
  try {
    const { kid, alg, privateJwk } = JSON.parse(text) as { kid: unknown; alg: unknown; privateJwk: JWK }
    if (typeof kid !== 'string' || basename(file) !== `${kid}.json`) throw new Error('expected kid as in the file name')
    if (alg !== 'ES256' && alg !== 'EdDSA') throw new Error('expected alg ES256 or EdDSA')
    const publicJwk = readPublicJwk({ ...privateJwk, d: undefined })
    if (!publicJwk.ok) throw new Error(publicJwk.problem.message)
    const privateKey = await importJWK(privateJwk, alg, { extractable: true }) // refuses halves that do not belong together
    if (privateKey instanceof Uint8Array || privateKey.type !== 'private') throw new Error('expected a private key')
    return { id: kid, alg, publicJwk: publicJwk.value, privateKey: KeyObject.from(privateKey) }
  } catch (cause) {
    throw invalid(
      file,
      'the file does not hold a working key; restore it from a backup, or move it away to get a new key',
      cause,
    )
  }
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

/** After a crash there is the whole file or none: written beside it, forced to disk, renamed, and the folder forced too. */
async function writePrivate(dir: string, file: string, content: object): Promise<void> {
  const beside = `${file}.new`
  await rm(beside, { force: true })
  {
    await using handle = await open(beside, 'wx', 0o600)
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`)
    await handle.sync()
  }
  await rename(beside, file)
  await using folder = await open(dir, constants.O_RDONLY)
  await folder.sync()
}

function invalid(path: string, message: string, cause?: unknown): ProblemError {
  return new ProblemError(problem('config.invalid', message, path), { cause })
}
