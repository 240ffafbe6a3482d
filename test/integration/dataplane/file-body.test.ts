import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import { openFileSource } from '../../../src/dataplane/file-source.ts'
import type { OpenedSource } from '../../../src/dataplane/opened-source.ts'
import { pump } from '../../../src/dataplane/pump.ts'
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
