// Our own keys on disk: made once, readable by nobody else, and whole or not at all.

import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openKeys, prepareKey } from '../../../src/trust/keys.ts'
import { tempDir } from './ports.ts'
import { NOW } from './tokens.ts'

const ES256 = { algorithm: 'ES256', now: NOW } as const
const EDDSA = { algorithm: 'EdDSA', now: NOW } as const
const INVALID = { problem: { code: 'config.invalid' } }

const keysDir = async (): Promise<string> => join(await tempDir(), 'data', 'keys')
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

describe('the first start', () => {
  it('makes one key, in a file of mode 0600 in a folder of mode 0700', async () => {
    const dir = await keysDir()

    const { current, all } = await openKeys(dir, ES256)

    expect(current).toMatchObject({ id: 'key-1', alg: 'ES256', publicJwk: { kty: 'EC', crv: 'P-256' } })
    expect(all).toEqual([current])
    expect(await readdir(dir)).toEqual(['key-1.json'])
    expect([await modeOf(dir), await modeOf(join(dir, 'key-1.json'))]).toEqual(['700', '600'])
  })

  it('makes an Ed25519 key if the settings say so', async () => {
    const { current } = await openKeys(await keysDir(), EDDSA)

    expect(current).toMatchObject({ id: 'key-1', alg: 'EdDSA', publicJwk: { kty: 'OKP', crv: 'Ed25519' } })
  })

  it('shows the private half to nobody who prints the key', async () => {
    const { current } = await openKeys(await keysDir(), ES256)

    expect(Object.keys(current.publicJwk).sort()).toEqual(['crv', 'kty', 'x', 'y'])
    expect(JSON.stringify(current.privateKey)).toBe('{}')
    expect(inspect(current, { depth: null, showHidden: true })).not.toContain(
      String(current.privateKey.export({ format: 'jwk' }).d),
    )
  })

  it('is not disturbed by what a crash left behind', async () => {
    const dir = await keysDir()
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await writeFile(join(dir, 'key-1.json.new'), '{"half', { mode: 0o644 })

    await openKeys(dir, ES256)

    expect(await readdir(dir)).toEqual(['key-1.json'])
    expect(await modeOf(join(dir, 'key-1.json'))).toBe('600')
  })
})

describe('every later start', () => {
  it('opens the same key', async () => {
    const dir = await keysDir()

    const first = await openKeys(dir, ES256)
    const second = await openKeys(dir, ES256)

    expect(second.current.publicJwk).toEqual(first.current.publicJwk)
  })

  it('signs with a new key if the algorithm has changed, and keeps the old one in the document', async () => {
    const dir = await keysDir()
    await openKeys(dir, ES256)

    const changed = await openKeys(dir, EDDSA)
    const changedBack = await openKeys(dir, ES256)

    expect(changed.current).toMatchObject({ id: 'key-2', alg: 'EdDSA' })
    expect(changed.all.map(({ id }) => id)).toEqual(['key-1', 'key-2'])
    expect(changedBack.current.id).toBe('key-1')
  })

  it('signs with the newest key after a rotation, the tenth after the ninth', async () => {
    const dir = await keysDir()
    await openKeys(dir, ES256)
    for (let count = 1; count < 10; count += 1) {
      await (await prepareKey(dir, { ...ES256, signsFrom: NOW, olderUntil: null })).adopt()
    }

    const reopened = await openKeys(dir, ES256)

    expect(reopened.current.id).toBe('key-10')
    expect(reopened.all).toHaveLength(10)
  })
})

describe('refuses to start', () => {
  it.each([0o644, 0o640, 0o604, 0o660])('with a key file of mode %o', async (mode) => {
    const dir = await keysDir()
    await openKeys(dir, ES256)
    await chmod(join(dir, 'key-1.json'), mode)

    await expect(openKeys(dir, ES256)).rejects.toMatchObject(INVALID)
  })

  it('with a folder that others can write to', async () => {
    const dir = await keysDir()
    await openKeys(dir, ES256)
    await chmod(dir, 0o770)

    await expect(openKeys(dir, ES256)).rejects.toMatchObject(INVALID)
  })

  it.each([
    ['is empty', () => ''],
    ['is cut off', (text: string) => text.slice(0, 60)],
    ['is null', () => 'null'],
    ['names another key', (text: string) => text.replace('key-1', 'key-2')],
    ['names another algorithm', (text: string) => text.replace('"ES256"', '"EdDSA"')],
    ['has no private half', (text: string) => text.replace('"d"', '"e"')],
    [
      'has halves that do not belong together',
      (text: string) => text.replace(/"d": "(.)/, (_whole, first) => `"d": "${first === 'A' ? 'B' : 'A'}`),
    ],
  ])('with a key file that %s, and leaves it alone', async (_what, damage) => {
    const dir = await keysDir()
    const file = join(dir, 'key-1.json')
    await openKeys(dir, ES256)
    const damaged = damage(await readFile(file, 'utf8'))
    await writeFile(file, damaged)

    await expect(openKeys(dir, ES256)).rejects.toMatchObject({ problem: { code: 'config.invalid', path: file } })
    expect(await readFile(file, 'utf8')).toBe(damaged)
  })
})
