import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import type { SourcePorts } from '../../../src/dataplane/open-source.ts'
import { openSource } from '../../../src/dataplane/open-source.ts'
import type { OpenedSource } from '../../../src/dataplane/opened-source.ts'
import { readConditions } from '../../../src/domain/delivery/conditions.ts'
import { instant } from '../../../src/kernel/time.ts'
import type { PumpResult } from '../../../src/dataplane/pump.ts'
import { pump } from '../../../src/dataplane/pump.ts'
import { descriptorsOn, problemOf, scratch } from './scratch.ts'

const GET = { rest: '', query: '', method: 'GET' } as const

const ports: SourcePorts = {
  fileDigests: createFileDigests({ entriesMax: 10, pendingMax: 10 }),
  call: () => Promise.reject(new Error('a file needs no call')),
  timeoutMs: 1_000,
  bodyTimeoutMs: 1_000,
  clock: () => instant(0),
}

async function read({ body }: OpenedSource): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

function discard(): Writable {
  return new Writable({ write: (_piece, _encoding, done) => done() })
}

function pumped({ body }: OpenedSource): Promise<PumpResult> {
  return pump(body, discard(), { signal: new AbortController().signal, hash: true })
}

/** A root with a file, a directory, and a secret beside the root. */
function tree(): { root: string; file: string; secret: string } {
  const directory = scratch()
  const root = join(directory, 'root')
  mkdirSync(join(root, '2026'), { recursive: true })
  const [file, secret] = [join(root, '2026', 'a b.csv'), join(directory, 'secret')]
  writeFileSync(file, 'hour,celsius\n')
  writeFileSync(secret, 'secret')
  return { root, file, secret }
}

describe('a file', () => {
  test('gives its bytes, size, media type and a strong ETag, and no digest before it was ever read', async () => {
    const { file } = tree()

    const opened = await openSource({ type: 'file', path: file, mediaType: 'text/csv' }, GET, ports)

    const { ino, size, mtimeNs } = statSync(file, { bigint: true })
    expect(opened).toMatchObject({
      mediaType: 'text/csv',
      size: 13,
      etag: `"${ino.toString(16)}-${size.toString(16)}-${mtimeNs.toString(16)}"`,
      digest: null,
    })
    expect(await read(opened)).toBe('hour,celsius\n')
    await opened.close()
    expect(descriptorsOn(file)).toBe(0)
  })

  test('is of no particular media type unless the source says which', async () => {
    const opened = await openSource({ type: 'file', path: tree().file }, GET, ports)
    await opened.close()

    expect(opened.mediaType).toBe('application/octet-stream')
  })

  test('knows its digest beforehand once a complete delivery has taught it', async () => {
    const source = { type: 'file', path: tree().file } as const
    const first = await openSource(source, GET, ports)
    const { digest } = await pumped(first)
    first.learn(String(digest))

    const second = await openSource(source, GET, ports)
    await second.close()

    expect(second.digest).toBe(`sha-256:${createHash('sha256').update('hour,celsius\n').digest('hex')}`)
  })

  test('may be empty', async () => {
    const path = join(scratch(), 'empty')
    writeFileSync(path, '')

    expect(await pumped(await openSource({ type: 'file', path }, GET, ports))).toMatchObject({
      outcome: 'complete',
      bytes: 0,
    })
  })

  test('answers HEAD with what it knows and holds nothing open', async () => {
    const { file } = tree()

    const opened = await openSource({ type: 'file', path: file }, { ...GET, method: 'HEAD' }, ports)

    expect(descriptorsOn(file)).toBe(0)
    expect(opened.size).toBe(13)
    expect(await read(opened)).toBe('')
    await opened.close()
  })

  test('below the root for files is found, and a link out of that root is not followed', async () => {
    const { root, secret } = tree()
    symlinkSync(secret, join(root, 'link'))
    const rooted = { ...ports, filesRoot: root }

    const opened = await openSource({ type: 'file', path: '2026/a b.csv' }, GET, rooted)
    expect(await read(opened)).toBe('hour,celsius\n')

    const escaped = openSource({ type: 'file', path: 'link' }, GET, rooted)
    expect(await problemOf(escaped)).toMatchObject({ code: 'source.unknown' })
  })

  test('with a relative path is unavailable where no root for files is set', async () => {
    const opening = openSource({ type: 'file', path: '2026/a b.csv' }, GET, ports)

    expect(await problemOf(opening)).toMatchObject({ code: 'source.unavailable' })
  })

  test('takes no path below it and no query', async () => {
    const source = { type: 'file', path: tree().file } as const

    const below = await problemOf(openSource(source, { ...GET, rest: 'x' }, ports))
    const query = await problemOf(openSource(source, { ...GET, query: 'a=b' }, ports))

    expect([below.code, query.code]).toEqual(['source.unknown', 'source.query'])
  })

  test('that is not there is unknown, and the sentence does not tell where it was looked for', async () => {
    const path = join(scratch(), 'missing')

    const { code, message } = await problemOf(openSource({ type: 'file', path }, GET, ports))

    expect(code).toBe('source.unknown')
    expect(message).not.toContain('missing')
  })

  test('whose name no file can have is unknown', async () => {
    const path = join(scratch(), 'x'.repeat(300))

    expect(await problemOf(openSource({ type: 'file', path }, GET, ports))).toMatchObject({ code: 'source.unknown' })
  })

  test('is unavailable on any other error, which is named', async () => {
    const opening = openSource({ type: 'file', path: '/\0' }, GET, ports)

    const { code, message } = await problemOf(opening)
    expect(code).toBe('source.unavailable')
    expect(message).toContain('ERR_INVALID_ARG_VALUE')
  })

  test('that is a named pipe or a device is refused at once, waits for no writer and stays not open', async () => {
    const pipe = join(scratch(), 'pipe')
    execFileSync('sh', ['-c', 'mkfifo "$0"', pipe])

    for (const path of [pipe, '/dev/zero']) {
      expect(await problemOf(openSource({ type: 'file', path }, GET, ports))).toMatchObject({ code: 'source.unknown' })
      expect(descriptorsOn(path)).toBe(0)
    }
  })
})

describe('of a file', () => {
  const asking = (range?: string, ifRange?: string, ifNoneMatch?: string) => ({
    ...GET,
    conditions: readConditions({ range, ifRange, ifNoneMatch }),
  })

  test('a part is read, and no byte more, with the size, ETag and digest of the whole', async () => {
    const { file } = tree()
    const source = { type: 'file', path: file } as const
    const whole = await openSource(source, GET, ports)
    const { digest } = await pumped(whole)
    whole.learn(String(digest))

    const opened = await openSource(source, asking('bytes=5-11', String(whole.etag)), ports)

    expect(opened).toMatchObject({ answer: 'data', part: { first: 5, last: 11 }, size: 13, etag: whole.etag, digest })
    expect(await read(opened)).toBe('celsius')
    await opened.close()
    expect(descriptorsOn(file)).toBe(0)
  })

  test('that changed since If-Range named its state, the whole is read', async () => {
    const { file } = tree()
    const opened = await openSource({ type: 'file', path: file }, asking('bytes=5-11', '"older"'), ports)

    expect(opened.part).toBeNull()
    expect(await read(opened)).toBe('hour,celsius\n')
  })

  test('a part of many pieces is the same as of the whole', async () => {
    const path = join(scratch(), 'large')
    const all = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) & 0xff))
    writeFileSync(path, all)

    const opened = await openSource({ type: 'file', path }, asking('bytes=65535-262145'), ports)
    const pieces: Uint8Array[] = []
    for await (const piece of opened.body) pieces.push(piece)

    expect(Buffer.concat(pieces).equals(all.subarray(65_535, 262_146))).toBe(true)
  })

  test('a part that is cut short by a change fails', async () => {
    const path = join(scratch(), 'short')
    writeFileSync(path, Buffer.alloc(300_000))
    const opened = await openSource({ type: 'file', path }, asking('bytes=100000-'), ports)
    writeFileSync(path, Buffer.alloc(150_000))

    expect(await pumped(opened)).toMatchObject({
      outcome: 'source-failed',
      cause: { problem: { code: 'source.unavailable' } },
    })
  })

  test('nothing is opened for who has it already or asks behind its end, with GET or HEAD', async () => {
    const { file } = tree()
    const source = { type: 'file', path: file } as const
    const { etag, close } = await openSource(source, GET, ports)
    await close()

    const known = asking(undefined, undefined, String(etag))
    const answers = [known, { ...known, method: 'HEAD' } as const, asking('bytes=13-')].map((request) =>
      openSource(source, request, ports),
    )

    expect((await Promise.all(answers)).map(({ answer }) => answer)).toEqual([
      ...['not-modified', 'not-modified', 'no-such-range'],
    ])
    expect(descriptorsOn(file)).toBe(0)
  })

  test('HEAD knows no ranges', async () => {
    const request = { ...asking('bytes=5-11'), method: 'HEAD' } as const

    expect(await openSource({ type: 'file', path: tree().file }, request, ports)).toMatchObject({
      part: null,
      size: 13,
    })
  })

  test('a POST is refused by name', async () => {
    const opening = openSource({ type: 'file', path: tree().file }, { ...GET, method: 'POST' }, ports)

    expect(await problemOf(opening)).toMatchObject({ code: 'source.method' })
  })
})

describe('a directory', () => {
  test('serves the files beneath it by the rest of the path, decoded once', async () => {
    const opened = await openSource({ type: 'file', path: tree().root }, { ...GET, rest: '2026/a%20b.csv' }, ports)

    expect(await read(opened)).toBe('hour,celsius\n')
  })

  test.each(['', '2026'])('is not listed: %j', async (rest) => {
    const opening = openSource({ type: 'file', path: tree().root }, { ...GET, rest }, ports)

    expect(await problemOf(opening)).toMatchObject({ code: 'source.unknown' })
  })

  test.each([
    '../secret',
    '%2e%2e/secret',
    '..%2fsecret',
    '2026/../../secret',
    '/etc/passwd',
    '2026%00',
    '..%5csecret',
  ])('refuses a path that could climb: %s', async (rest) => {
    const opening = openSource({ type: 'file', path: tree().root }, { ...GET, rest }, ports)

    expect(await problemOf(opening)).toMatchObject({ code: 'request.malformed' })
  })

  test('follows links that stay beneath it and none that leave it, be they to a file or to a directory', async () => {
    const { root, file, secret } = tree()
    symlinkSync(file, join(root, 'inside'))
    symlinkSync(secret, join(root, 'outside'))
    symlinkSync('../..', join(root, '2026', 'up'))
    symlinkSync('loop', join(root, 'loop'))
    const source = { type: 'file', path: root } as const

    const inside = await openSource(source, { ...GET, rest: 'inside' }, ports)
    const outside = ['outside', '2026/up/secret', 'loop'].map((rest) =>
      problemOf(openSource(source, { ...GET, rest }, ports)),
    )

    expect((await Promise.all(outside)).map(({ code }) => code)).toEqual(Array(3).fill('source.unknown'))
    expect(await read(inside)).toBe('hour,celsius\n')
  })

  test('does not take a neighbour whose name begins with its own for something beneath it', async () => {
    const { root } = tree()
    mkdirSync(`${root}-private`)
    writeFileSync(`${root}-private/secret`, 'secret')
    symlinkSync(`${root}-private/secret`, join(root, 'link'))

    const opening = openSource({ type: 'file', path: root }, { ...GET, rest: 'link' }, ports)

    expect(await problemOf(opening)).toMatchObject({ code: 'source.unknown' })
  })
})
