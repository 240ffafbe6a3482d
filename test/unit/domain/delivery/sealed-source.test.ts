// Sources at rest: which of their members are sealed, for which place, and what is shown instead.

import { describe, expect, test } from 'vitest'
import type { DataSource } from '../../../../src/domain/delivery/data-source.ts'
import {
  openSealed,
  sealSource,
  shownSource,
  sourceInClear,
  type OpenSecret,
  type SealedSource,
  type SealSecret,
} from '../../../../src/domain/delivery/sealed-source.ts'
import { bad, good } from '../../../../src/kernel/problem.ts'

const FILE: DataSource = { type: 'file', path: '/srv/a' }
const BARE: DataSource = { type: 'http', url: 'https://a.example', paths: true }
const HTTP: DataSource = { ...BARE, headers: { 'x-api-key': 'k1', authorization: 'Bearer k2' } }
const S3: DataSource = {
  ...{ type: 's3', endpoint: 'https://s3.example', region: 'r', bucket: 'bbb', key: 'k', pathStyle: true },
  ...{ accessKeyId: 'AKID', secretAccessKey: 'k3' },
}

const seal: SealSecret = (secret, owner, member) => ({ sealed: JSON.stringify([secret, owner, member]) })
const open: OpenSecret = ({ sealed }, owner, member) => {
  const [secret = '', ...place] = JSON.parse(sealed) as string[]
  return place.join() === [owner, member].join() ? good(secret) : bad('secret.sealed', 'another place')
}

test.each([FILE, BARE, HTTP, S3])('$type: what was sealed for a dataset opens there and nowhere else', (source) => {
  const sealed = sealSource(source, 'urn:d', seal)
  expect(openSealed(sealed, 'urn:d', open)).toEqual({ ok: true, value: source })
  const hasSecrets = source === HTTP || source === S3
  expect(openSealed(sealed, 'urn:e', open).ok).toBe(!hasSecrets)
})

test('each secret is sealed for its own member', () => {
  const sealed = sealSource(HTTP, 'urn:d', seal) as { headers: Record<string, { sealed: string }> }
  const { 'x-api-key': key, authorization } = sealed.headers
  const swapped = { ...sealed, headers: { 'x-api-key': authorization, authorization: key } } as unknown as SealedSource
  expect(openSealed(swapped, 'urn:d', open)).toMatchObject({ ok: false, problem: { code: 'secret.sealed' } })
})

describe('what is shown', () => {
  test.each([HTTP, S3])('of $type has a word for each secret, and the rest as it is', (source) => {
    const text = JSON.stringify(shownSource(sealSource(source, 'urn:d', seal)))
    expect(text).not.toMatch(/k1|k2|k3|urn:d/)
    expect(text).toContain(source === S3 ? '"secretAccessKey":"sealed"' : '"x-api-key":"sealed"')
    expect(text).toContain('.example')
  })

  test.each([FILE, BARE])('of $type without secrets is all of it', (source) => {
    expect(shownSource(sealSource(source, 'urn:d', seal))).toEqual(source)
  })
})

test('a row of an earlier version, with its secrets in clear, is told from a sealed one', () => {
  expect(sourceInClear(HTTP as unknown as SealedSource)).toEqual(HTTP)
  expect(sourceInClear(S3 as unknown as SealedSource)).toEqual(S3)
  for (const source of [FILE, BARE, HTTP, S3]) expect(sourceInClear(sealSource(source, 'urn:d', seal))).toBeNull()
})
