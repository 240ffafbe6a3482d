// The files of a generation as they are kept: what comes back is what was put there, or nothing.

import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { digestOfFiles, packFiles, unpackFiles } from '../../../../src/config/policies/generation-content.ts'

const FILES = [
  { path: 'offers/a.yaml', text: 'offer: 气象\n' },
  { path: 'offers/b.yaml', text: '' },
]

describe('the digest of files', () => {
  it('does not depend on their order', () => {
    expect(digestOfFiles(FILES)).toBe(digestOfFiles(FILES.toReversed()))
  })

  it.each([
    ['another text', [FILES[0], { path: 'offers/b.yaml', text: ' ' }]],
    ['another path', [FILES[0], { path: 'offers/c.yaml', text: '' }]],
    ['one file less', [FILES[0]]],
  ])('is another one for %s', (_name, files) => {
    expect(digestOfFiles(files.filter((file) => file !== undefined))).not.toBe(digestOfFiles(FILES))
  })
})

describe('packed files', () => {
  it('come back as they were', async () => {
    expect(await unpackFiles(await packFiles(FILES), digestOfFiles(FILES))).toEqual(FILES)
    expect(await unpackFiles(await packFiles([]), digestOfFiles([]))).toEqual([])
  })

  it.each([
    ['are others than the digest says', () => packFiles(FILES.slice(1))],
    ['are no archive', () => Promise.resolve('H4sI')],
    ['are no list', () => Promise.resolve(gzipSync('{}').toString('base64'))],
  ])('that %s are refused', async (_name, packed) => {
    await expect(unpackFiles(await packed(), digestOfFiles(FILES))).rejects.toMatchObject({
      problem: { code: 'store.damaged' },
    })
  })
})
