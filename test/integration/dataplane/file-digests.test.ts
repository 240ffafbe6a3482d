import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { readFileSync, renameSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FileDigests } from '../../../src/dataplane/file-digests.ts'
import { readKept, writeKept } from '../../../src/dataplane/kept-digests.ts'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import { descriptorsOn, scratch } from './scratch.ts'

function digests(limits: { entriesMax?: number; pendingMax?: number } = {}): FileDigests {
  const cache = createFileDigests({ entriesMax: 10, pendingMax: 10, ...limits })
  onTestFinished(() => cache.close())
  return cache
}

function file(content: string): string {
  const path = join(scratch(), 'data')
  writeFileSync(path, content)
  return path
}

const digestOf = (content: string): string => `sha-256:${createHash('sha256').update(content).digest('hex')}`
const look = (path: string): BigIntStats => statSync(path, { bigint: true })

describe('the digest of a file', () => {
  test('is unknown at first, is computed by the worker, and is known from then on without waiting', async () => {
    const cache = digests()
    const path = file('hour,celsius\n')

    expect(cache.peek(look(path))).toBeNull()
    expect(await cache.warm(path)).toBe(digestOf('hour,celsius\n'))
    expect(cache.peek(look(path))).toBe(digestOf('hour,celsius\n'))
    expect(descriptorsOn(path)).toBe(0)
  })

  test('is right for files larger than one piece and for empty ones', async () => {
    const cache = digests()
    const large = 'abcdefg'.repeat(400_000)

    expect(await Promise.all([cache.warm(file(large)), cache.warm(file(''))])).toEqual([digestOf(large), digestOf('')])
  })

  test('may come from somebody else who has read the whole file', () => {
    const cache = digests()
    const stats = look(file('a'))

    cache.keep(stats, digestOf('a'))

    expect(cache.peek(stats)).toBe(digestOf('a'))
  })

  // prettier-ignore
  test.each<[string, (path: string) => void]>([
    ['its time of change',                       (path) => utimesSync(path, 1, 1)],
    ['its content',                              (path) => writeFileSync(path, 'xyz')],
    ['its size',                                 (path) => truncateSync(path, 2)],
    ['the file itself, by another of that name', (path) => { writeFileSync(`${path}2`, 'xyz'); renameSync(`${path}2`, path) }],
  ])('is forgotten with %s', async (_, change) => {
    const cache = digests()
    const path = file('abc')
    await cache.warm(path)
    expect(cache.peek(look(path))).not.toBeNull()

    change(path)

    expect(cache.peek(look(path))).toBeNull()
  })

  test('is forgotten when the content changes though its time was set back, as copying tools do', async () => {
    const cache = digests()
    const path = file('abc')
    utimesSync(path, 1_000, 1_000)
    await cache.warm(path)
    const before = look(path)
    expect(cache.peek(before)).toBe(digestOf('abc'))

    writeFileSync(path, 'xyz')
    utimesSync(path, 1_000, 1_000)

    const after = look(path)
    expect([after.size, after.mtimeNs]).toEqual([before.size, before.mtimeNs])
    expect(cache.peek(after)).toBeNull()
  })

  test('is null for what cannot be read, and the worker goes on', async () => {
    const cache = digests()
    const directory = scratch()

    expect(await cache.warm(join(directory, 'missing'))).toBeNull()
    expect(await cache.warm(directory)).toBeNull()
    expect(await cache.warm(file('a'))).toBe(digestOf('a'))
  })
})

describe('the bounds', () => {
  test('the digest that was not asked for longest goes first', () => {
    const cache = digests({ entriesMax: 2 })
    const [a, b, c] = [look(file('a')), look(file('b')), look(file('c'))]
    cache.keep(a, 'A')
    cache.keep(b, 'B')
    cache.peek(a)

    cache.keep(c, 'C')

    expect([a, b, c].map(cache.peek)).toEqual(['A', null, 'C'])
  })

  test('callers for one path share one reading', async () => {
    const cache = digests()
    const path = file('a')

    const [first, second] = [cache.warm(path), cache.warm(path)]

    expect(first).toBe(second)
    expect(await first).toBe(digestOf('a'))
  })

  test('no more files than allowed wait for the worker, and there is room again when one is done', async () => {
    const cache = digests({ pendingMax: 1 })
    const [a, b] = [file('a'), file('b')]

    const first = cache.warm(a)

    expect(await cache.warm(b)).toBeNull()
    expect(await first).toBe(digestOf('a'))
    expect(await cache.warm(b)).toBe(digestOf('b'))
  })
})

describe('closing', () => {
  test('ends what is being computed as unknown, and nothing starts afterwards', async () => {
    const cache = digests()
    const path = file('a')
    const pending = cache.warm(path)

    await cache.close()

    expect(await pending).toBeNull()
    expect(await cache.warm(path)).toBeNull()
  })
})

describe('from one start to the next', () => {
  const limits = { entriesMax: 10, pendingMax: 10 }

  test('digests are kept in a file for its user only, and found again without reading the files', async () => {
    const [path, kept] = [file('a'), join(scratch(), 'file.digests')]
    const first = createFileDigests({ ...limits, file: kept })
    await first.warm(path)
    await first.close()

    const second = createFileDigests({ ...limits, file: kept })
    onTestFinished(() => second.close())

    expect(second.peek(statSync(path, { bigint: true }))).toBe(digestOf('a'))
    expect(statSync(kept).mode & 0o777).toBe(0o600)
  })

  test('they are there after a crash too, once all that was asked for is computed', async () => {
    const [path, kept] = [file('a'), join(scratch(), 'file.digests')]
    const first = createFileDigests({ ...limits, file: kept })
    onTestFinished(() => first.close())
    await first.warm(path)

    expect(readFileSync(kept, 'utf8')).toContain(digestOf('a'))
  })

  test('a file that changed meanwhile is read again', async () => {
    const [path, kept] = [file('a'), join(scratch(), 'file.digests')]
    const first = createFileDigests({ ...limits, file: kept })
    await first.warm(path)
    await first.close()
    writeFileSync(path, 'b')

    const second = createFileDigests({ ...limits, file: kept })
    onTestFinished(() => second.close())

    expect(second.peek(statSync(path, { bigint: true }))).toBeNull()
    expect(await second.warm(path)).toBe(digestOf('b'))
  })

  test.each(['', 'nonsense\n1:2:3:4 x\n', '\u0000'.repeat(100), `1:2:3:4:5 sha-256:${'0'.repeat(63)}\n`])(
    'a damaged file is as good as none: %j',
    (text) => {
      const kept = join(scratch(), 'file.digests')
      writeFileSync(kept, text)
      expect(readKept(kept, 10)).toEqual([])
    },
  )

  test('only the newest are taken, and a place that cannot be written costs nothing', () => {
    const kept = join(scratch(), 'file.digests')
    const digests = new Map([1, 2, 3].map((n) => [`${n}:1:1:1:1`, digestOf(String(n))]))
    writeKept(kept, digests)
    writeKept(join(scratch(), 'missing', 'file'), digests)

    expect(readKept(kept, 2).map(([key]) => key)).toEqual(['2:1:1:1:1', '3:1:1:1:1'])
  })
})
