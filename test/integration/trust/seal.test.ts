// Secrets at rest: what opens them, what does not, and where the master key comes from.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ProblemError } from '../../../src/kernel/problem.ts'
import { createSeal, openSeal } from '../../../src/trust/seal.ts'

const KEY = Buffer.alloc(32, 7)
const OWNER = 'urn:dataset:weather'
const { seal, open, isMine, keyId } = createSeal(KEY, randomBytes)

function file(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lingqu-seal-'))
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  return join(directory, 'master.key')
}

describe('a secret', () => {
  test.each(['k', '', 'wJalr/+=', '密钥 ☃', 'x'.repeat(8_192)])('is opened as it was sealed: %j', (secret) => {
    const sealed = seal(secret, OWNER, 'headers.a')
    expect(open(sealed, OWNER, 'headers.a')).toEqual({ ok: true, value: secret })
    if (secret.length > 1) expect(sealed.sealed).not.toContain(secret)
  })

  test('is sealed differently each time', () => {
    expect(seal('k', OWNER, 'a').sealed).not.toBe(seal('k', OWNER, 'a').sealed)
  })

  const sealed = seal('k1', OWNER, 'headers.a')
  const [version = '', id = '', text = ''] = sealed.sealed.split('.')
  const changed = Buffer.from(text, 'base64url')
  changed.writeUInt8(changed.readUInt8(14) ^ 1, 14)

  // prettier-ignore
  test.each([
    ['for another dataset',              sealed,                                                        'urn:other', 'headers.a'],
    ['for another member',               sealed,                                                        OWNER,       'headers.b'],
    ['with its place cut elsewhere',     seal('k1', 'a', 'b","c'),                                      'a","b',     'c'],
    ['with its place cut at a comma',      seal('k1', 'a', 'b,c'),                                         'a,b',       'c'],
    ['with a changed byte',              { sealed: `${version}.${id}.${changed.toString('base64url')}` }, OWNER,     'headers.a'],
    ['cut short',                        { sealed: `${version}.${id}.${text.slice(0, 20)}` },           OWNER,       'headers.a'],
    ['with its tag cut short',           { sealed: `${version}.${id}.${text.slice(0, -4)}` },           OWNER,       'headers.a'],
    ['of another version',               { sealed: `v2.${id}.${text}` },                                OWNER,       'headers.a'],
    ['that is no seal',                  { sealed: 'k1' },                                              OWNER,       'headers.a'],
  ])('does not open %s', (_, given, owner, member) => {
    expect(open(given, owner, member)).toMatchObject({ ok: false, problem: { code: 'secret.sealed' } })
  })

  test('does not open with another key, and that is told before it is tried', () => {
    const other = createSeal(Buffer.alloc(32, 8), randomBytes)

    expect(other.open(sealed, OWNER, 'headers.a')).toMatchObject({ ok: false, problem: { code: 'secret.sealed' } })
    expect([isMine(sealed), other.isMine(sealed), isMine({ sealed: 'k1' })]).toEqual([true, false, false])
    // Even where somebody wrote the name of the other key on it.
    const renamed = { sealed: sealed.sealed.replace(keyId, other.keyId) }
    expect(other.open(renamed, OWNER, 'headers.a')).toMatchObject({ ok: false, problem: { code: 'secret.sealed' } })
  })

  test('says nothing of itself in the refusal', () => {
    const refused = open(sealed, 'urn:other', 'headers.a')
    expect(JSON.stringify(refused)).not.toMatch(new RegExp(`k1|${text}`))
  })
})

describe('the master key', () => {
  test('is made at the first start, for its user only, and is the same at the next', () => {
    const path = file()
    const sealed = openSeal(path, null, randomBytes).seal('k1', OWNER, 'a')

    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
    expect(openSeal(path, null, randomBytes).open(sealed, OWNER, 'a')).toEqual({ ok: true, value: 'k1' })
  })

  test('that is given goes before the one in the file, and none is made', () => {
    const path = file()
    expect(openSeal(path, KEY, randomBytes).keyId).toBe(keyId)
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
  })

  test('is not guessed from a damaged file', () => {
    const path = file()
    writeFileSync(path, 'not a key')
    expect(() => openSeal(path, null, randomBytes)).toThrow(ProblemError)
  })

  test('of another length is refused', () => {
    expect(() => createSeal(Buffer.alloc(16), randomBytes)).toThrow(ProblemError)
  })

  test('is named without giving any of it away', () => {
    expect(keyId).toMatch(/^[0-9a-f]{16}$/)
    expect(KEY.toString('hex')).not.toContain(keyId)
  })
})
