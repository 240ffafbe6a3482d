import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import { openFileSource } from '../../../src/dataplane/file-source.ts'
import type { OpenedSource } from '../../../src/dataplane/opened-source.ts'
import { pump } from '../../../src/dataplane/pump.ts'
import { nodeCall, serve } from './loopback.ts'
import { descriptorsOn, scratch } from './scratch.ts'

const MIB = 1_048_576
const fileDigests = createFileDigests({ entriesMax: 10, pendingMax: 10 })

function openFile(path: string): Promise<OpenedSource> {
  return openFileSource({ type: 'file', path }, { rest: '', query: '', method: 'GET' }, { fileDigests })
}

function discard(): Writable {
  return new Writable({ write: (_piece, _encoding, done) => done() })
}

describe('a file that changes after it was opened', () => {
  // prettier-ignore
  test.each<[string, (path: string) => void]>([
    ['becomes shorter',                 (path) => truncateSync(path, 100_000)],
    ['becomes empty',                   (path) => truncateSync(path, 0)],
    ['becomes longer',                  (path) => appendFileSync(path, 'x')],
    ['becomes longer, its time set back', (path) => { appendFileSync(path, 'x'); utimesSync(path, 1, 1) }],
    ['is written to at the same size',  (path) => utimesSync(path, 2, 2)],
  ])('%s: the delivery fails as the source, not as the peer', async (_, change) => {
    const path = join(scratch(), 'data')
    writeFileSync(path, Buffer.alloc(200_000))
    utimesSync(path, 1, 1)
    const opened = await openFile(path)

    change(path)
    const result = await pump(opened.body, discard(), { signal: new AbortController().signal, hash: true })

    expect(result).toMatchObject({ outcome: 'source-failed', digest: null, cause: { problem: { code: 'source.unavailable' } } })
    await opened.close()
    expect(descriptorsOn(path)).toBe(0)
  })
})

describe('the handle of a file', () => {
  function sparse(bytes: number): string {
    const path = join(scratch(), 'data')
    writeFileSync(path, '')
    truncateSync(path, bytes)
    return path
  }

  test('is closed when the delivery is cut in the middle', async () => {
    const path = sparse(64 * MIB)
    const opened = await openFile(path)
    const abort = new AbortController()
    expect(descriptorsOn(path)).toBe(1)

    const onBytes = (total: number): void => {
      if (total > MIB) abort.abort('revoked')
    }
    const result = await pump(opened.body, discard(), { signal: abort.signal, hash: false, onBytes })
    await opened.close()

    expect(result).toMatchObject({ outcome: 'cut', cause: 'revoked' })
    expect(result.bytes).toBeLessThan(2 * MIB)
    expect(descriptorsOn(path)).toBe(0)
  })

  test('is closed when the peer goes away', async () => {
    const path = sparse(64 * MIB)
    const opened = await openFile(path)
    const destination = new PassThrough()

    const delivery = pump(opened.body, destination, { signal: new AbortController().signal, hash: false })
    destination.once('data', () => destination.destroy())

    expect(await delivery).toMatchObject({ outcome: 'peer-gone' })
    await opened.close()
    expect(descriptorsOn(path)).toBe(0)
  })

  test('is closed though nobody read, and closing twice does no harm', async () => {
    const path = sparse(MIB)
    const opened = await openFile(path)

    await Promise.all([opened.close(), opened.close()])
    await opened.close()

    expect(descriptorsOn(path)).toBe(0)
  })

  test('needs no memory for a file of 256 MiB', async () => {
    const opened = await openFile(sparse(256 * MIB))
    const before = process.memoryUsage().rss
    let peak = before

    const onBytes = (total: number): void => {
      if (total % (8 * MIB) === 0) peak = Math.max(peak, process.memoryUsage().rss)
    }
    const result = await pump(opened.body, discard(), { signal: new AbortController().signal, hash: true, onBytes })

    expect(result).toMatchObject({ outcome: 'complete', bytes: 256 * MIB })
    expect(peak - before).toBeLessThan(128 * MIB)
  })
})

test('the bytes of a file are the same when its memory is used again', async () => {
  const path = join(scratch(), 'data')
  const all = randomBytes(3 * MIB + 7)
  writeFileSync(path, all)
  const { body, recycle } = await openFile(path)
  const taken: Buffer[] = []
  const memories = new Set<unknown>()
  // Holds each piece for a while, with others waiting behind it, and looks at it only then.
  const destination = new Writable({
    highWaterMark: 4 * 65_536,
    write(piece: Buffer, _encoding, done) {
      memories.add(piece.buffer)
      void (async () => {
        for (let turns = 0; turns < 30; turns++) await turn()
        taken.push(Buffer.from(piece))
        done()
      })()
    },
  })

  const { signal } = new AbortController()
  await pump(body, destination, { signal, hash: false, ...(recycle !== undefined && { onTaken: recycle }) })

  expect(Buffer.concat(taken).equals(all)).toBe(true)
  expect(memories.size).toBeLessThan(10)
})

test('and so are they at the other end of a connection, for readers quick and slow', async () => {
  const path = join(scratch(), 'data')
  const all = randomBytes(9 * MIB + 7)
  writeFileSync(path, all)
  await using server = await serve((_, response) => {
    void openFile(path).then(({ body, recycle }) => {
      const { signal } = new AbortController()
      return pump(body, response, { signal, hash: true, ...(recycle !== undefined && { onTaken: recycle }) })
    })
  })

  const digests = await Promise.all(
    [0, 1, 40, 40].map(async (pauseTurns) => {
      const hash = createHash('sha256')
      const { body } = await nodeCall({ method: 'GET', url: server.url, timeoutMs: 5_000, bodyTimeoutMs: 5_000 })
      for await (const piece of body) {
        hash.update(piece)
        for (let turns = 0; turns < pauseTurns; turns++) await turn()
      }
      return hash.digest('hex')
    }),
  )

  expect(digests).toEqual(Array(4).fill(createHash('sha256').update(all).digest('hex')))
})
