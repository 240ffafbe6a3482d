// Where pushed data may be put, and that its credentials open nowhere else.

import { describe, expect, test } from 'vitest'
import {
  isAdministrators,
  openSealedSink,
  readDataSink,
  sealSink,
  shownSink,
  type DataSink,
} from '../../../../src/domain/delivery/sink.ts'
import { createSeal } from '../../../../src/trust/seal.ts'

const S3 = {
  type: 's3',
  endpoint: 'https://s3.example',
  bucket: 'weather',
  key: 'a/b',
  accessKeyId: 'id',
  secretAccessKey: 'the-secret',
}

describe('a sink', () => {
  // prettier-ignore
  test.each<[string, object, object]>([
    ['that is a file',   { type: 'file', path: 'a/b.csv' },                                              { type: 'file', path: 'a/b.csv' }],
    ['that is a URL',    { type: 'http', url: 'http://10.0.0.1/x', headers: { a: 'b' }, method: 'POST' }, { type: 'http', url: 'http://10.0.0.1/x', headers: { a: 'b' }, method: 'POST' }],
    ['that is an object', S3,                                                                            { ...S3, region: 'us-east-1', pathStyle: true }],
  ])('%s is read', (_what, raw, sink) => {
    expect(readDataSink(raw)).toEqual({ ok: true, value: sink })
  })

  // prettier-ignore
  test.each<[string, unknown, string]>([
    ['that is none',                    'x',                                                'sink'],
    ['of no kind',                      { type: 'ftp' },                                    'sink.type'],
    ['with an absolute path',           { type: 'file', path: '/x' },                       'sink.path'],
    ['that climbs',                     { type: 'file', path: 'a/../../b' },                'sink.path'],
    ['with a member of a source',       { type: 'http', url: 'http://x', paths: true },     'sink.paths'],
    ['that is a file with a method',    { type: 'file', path: 'a', method: 'PUT' },         'sink.method'],
    ['with a method that takes nothing', { type: 'http', url: 'http://x', method: 'GET' },  'sink.method'],
    ['with a header of the connection', { type: 'http', url: 'http://x', headers: { Host: 'y' } }, 'sink.headers.Host'],
    ['of many objects',                 { ...S3, prefix: 'x/' },                            'sink.prefix'],
    ['with the word for a secret',      { ...S3, secretAccessKey: 'sealed' },               'sink.secretAccessKey'],
  ])('%s is refused with its place', (_what, raw, path) => {
    expect(readDataSink(raw)).toMatchObject({ ok: false, problem: { code: 'request.malformed', path } })
  })

  test('says which member was probably meant', () => {
    expect(readDataSink({ type: 'file', paht: 'a' })).toMatchObject({
      problem: { message: expect.stringContaining("'path'") as unknown },
    })
  })

  test('that reaches into the network is an administrator’s', () => {
    expect((['file', 'http', 's3'] as const).map((type) => isAdministrators({ type }))).toEqual([false, true, true])
  })
})

describe('the credentials of a sink', () => {
  const seal = createSeal(new Uint8Array(32).fill(1), (bytes) => new Uint8Array(bytes).fill(2))

  test.each<DataSink>([
    { type: 'file', path: 'a' },
    { type: 'http', url: 'https://x.example', headers: { authorization: 'the-secret' }, method: 'PUT' },
    { ...(S3 as DataSink & { type: 's3' }), region: 'r', pathStyle: true },
  ])('are sealed for one transfer, and never shown: $type', (sink) => {
    const sealed = sealSink(sink, 'urn:uuid:1', seal.seal)
    expect(JSON.stringify([sealed, shownSink(sealed)])).not.toContain('the-secret')
    expect(openSealedSink(sealed, 'urn:uuid:1', seal.open)).toEqual({ ok: true, value: sink })
    if (sink.type !== 'file')
      expect(openSealedSink(sealed, 'urn:uuid:2', seal.open)).toMatchObject({
        ok: false,
        problem: { code: 'secret.sealed' },
      })
  })
})
