import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyEvidence } from '../../src/cli/evidence-verify.ts'
import type { AgreementHead, EvidenceType, LogHead, SealedEntry } from '../../src/domain/evidence/entry.ts'
import { EMPTY_LOG, headAfter, leafHash, seal } from '../../src/domain/evidence/entry.ts'
import { instant } from '../../src/kernel/time.ts'

const TABLE = `CREATE TABLE evidence (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, pid TEXT,
  agreement TEXT, aseq INTEGER, envelope TEXT NOT NULL, hash TEXT NOT NULL) STRICT`

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'verify-'))
  file = join(directory, 'connector.db')
})

afterEach(() => {
  rmSync(directory, { recursive: true })
})

/** A log of so many entries, every third without agreement, the others of two agreements in turn. */
function entries(count: number, at: (seq: number) => number = (seq) => 1_767_225_600_000 + seq): SealedEntry[] {
  const log: SealedEntry[] = []
  const agreements = new Map<string, AgreementHead>()
  let head: LogHead = EMPTY_LOG
  for (let seq = 1; seq <= count; seq++) {
    const agreement = seq % 3 === 0 ? undefined : `urn:uuid:${String(seq % 2)}`
    const type: EvidenceType = seq % 2 === 0 ? 'decision' : 'message.received'
    const entry = seal(
      {
        type,
        at: instant(at(seq)),
        actor: 'did:web:灵渠.example',
        ext: { seq },
        ...(agreement && { agreement, pid: 'p' }),
      },
      {
        origin: 'p.example/evidence',
        n: seq.toString(16).padStart(32, '0'),
        head,
        agreementHead: agreement === undefined ? null : (agreements.get(agreement) ?? null),
      },
    )
    log.push(entry)
    head = headAfter(entry)
    if (agreement !== undefined && entry.aseq !== null)
      agreements.set(agreement, { aseq: entry.aseq, hash: entry.hash })
  }
  return log
}

function open(path = file): DatabaseSync {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL')
  return db
}

function write(log: readonly SealedEntry[], db = open()): DatabaseSync {
  db.exec(TABLE)
  const insert = db.prepare('INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  db.exec('BEGIN')
  for (const { seq, at, type, pid, agreement, aseq, envelope, hash } of log) {
    insert.run(seq, at, type, pid, agreement, aseq, envelope, hash)
  }
  db.exec('COMMIT')
  return db
}

/** Writes twelve entries, does what a forger would, and closes the file. */
function forged(sql: string, ...values: (string | number | Uint8Array | null)[]): void {
  const db = write(entries(12))
  db.prepare(sql).run(...values)
  db.close()
}

const TWELVE = entries(12)
const HEAD = TWELVE[11]?.hash ?? ''

describe('a log that is as it was written', () => {
  it('is verified, with its length and its head', () => {
    write(TWELVE).close()

    expect(verifyEvidence(file, { head: HEAD })).toEqual({
      verified: true,
      entries: 12,
      head: HEAD,
      firstBad: null,
      notes: [],
    })
  })

  it('may be empty', () => {
    write([]).close()

    expect(verifyEvidence(file)).toMatchObject({ verified: true, entries: 0, head: '0'.repeat(64) })
  })

  it('may be read while a connector has it open and goes on writing', () => {
    using db = write(TWELVE)

    expect(verifyEvidence(file)).toMatchObject({ verified: true, entries: 12 })
    db.exec('DELETE FROM evidence WHERE seq = 12')
  })

  it('may be a copy with its write-ahead log beside it, and nothing there is changed or added', () => {
    using db = write(TWELVE)
    const copy = mkdtempSync(join(directory, 'copy-'))
    const copied = join(copy, 'a copy?#.db')
    copyFileSync(file, copied)
    copyFileSync(`${file}-wal`, `${copied}-wal`)
    const before = contents(copy)

    expect(verifyEvidence(copied)).toMatchObject({ verified: true, entries: 12 })
    expect(contents(copy)).toEqual(before)
    expect(Object.keys(before)).toHaveLength(2)
    expect(db.isOpen).toBe(true)
  })

  it('may be a copy alone, and nothing is changed or added', () => {
    write(TWELVE).close()
    const before = contents(directory)

    expect(verifyEvidence(file)).toMatchObject({ verified: true, entries: 12 })
    expect(contents(directory)).toEqual(before)
    expect(Object.keys(before)).toEqual(['connector.db'])
  })

  it('may have been written while the clock was set back, which is noted and proves nothing', () => {
    write(entries(6, (seq) => 1_767_225_600_000 + (seq === 4 ? 0 : seq))).close()

    expect(verifyEvidence(file)).toMatchObject({
      verified: true,
      notes: ['the clock went back: first at entry 4, entries concerned: 1'],
    })
  })
})

describe('a log that was tampered with', () => {
  // prettier-ignore
  it.each<[string, string, (string | number)[], number, string]>([
    ['one altered letter of an envelope',  `UPDATE evidence SET envelope = replace(envelope, 'decision', 'decisioN') WHERE seq = 6`, [], 6, 'hash is not that of its envelope'],
    ['a blank within an envelope',         `UPDATE evidence SET envelope = replace(envelope, ',"at"', ', "at"') WHERE seq = 6`, [], 6, 'canonical form'],
    ['an envelope that is no JSON',        `UPDATE evidence SET envelope = 'x' WHERE seq = 6`, [], 6, 'canonical form'],
    ['an envelope that is a list',         `UPDATE evidence SET envelope = '[]' WHERE seq = 6`, [], 6, 'canonical form'],
    ['an envelope beyond its bound',       `UPDATE evidence SET envelope = '"' || hex(zeroblob(40000)) || '"' WHERE seq = 6`, [], 6, 'longer than 65535 bytes'],
    ['an envelope nested without end',     `UPDATE evidence SET envelope = replace(hex(zeroblob(16000)), '0', '[') || replace(hex(zeroblob(16000)), '0', ']') WHERE seq = 6`, [], 6, 'canonical form'],
    ['a removed entry',                    `DELETE FROM evidence WHERE seq = 6`, [], 6, 'it is missing: the next entry is number 7'],
    ['a removed first entry',              `DELETE FROM evidence WHERE seq = 1`, [], 1, 'it is missing: the next entry is number 2'],
    ['an entry before the first',          `INSERT INTO evidence SELECT 0, at, type, pid, agreement, aseq, envelope, hash FROM evidence WHERE seq = 1`, [], 1, 'it is missing: the next entry is number 0'],
    ['entries with negative numbers',      `UPDATE evidence SET seq = CASE seq WHEN 6 THEN -7 WHEN 7 THEN -6 ELSE seq END WHERE seq IN (6, 7)`, [], 1, 'number -7'],
    ['an altered time',                    `UPDATE evidence SET at = at + 1 WHERE seq = 6`, [], 6, 'column "at"'],
    ['a time beyond all time',             `UPDATE evidence SET at = 9007199254740991 WHERE seq = 6`, [], 6, 'column "at"'],
    ['an altered type',                    `UPDATE evidence SET type = 'message.refused' WHERE seq = 6`, [], 6, 'column "type"'],
    ['a pid put in',                       `UPDATE evidence SET pid = 'x' WHERE seq = 6`, [], 6, 'column "pid"'],
    ['a pid taken out',                    `UPDATE evidence SET pid = NULL WHERE seq = 7`, [], 7, 'column "pid"'],
    ['an entry moved to another agreement', `UPDATE evidence SET agreement = 'urn:uuid:0' WHERE seq = 7`, [], 7, 'column "agreement"'],
    ['an altered aseq',                    `UPDATE evidence SET aseq = aseq + 1 WHERE seq = 7`, [], 7, 'column "aseq"'],
    ['an altered hash',                    `UPDATE evidence SET hash = ? WHERE seq = 6`, ['f'.repeat(64)], 6, 'hash is not that of its envelope'],
    ['a number that no double holds',      `UPDATE evidence SET at = 9223372036854775807 WHERE seq = 6`, [], 6, 'cannot be read'],
  ])('is found out: %s', (_, sql, values, seq, reason) => {
    forged(sql, ...values)

    const verdict = verifyEvidence(file)

    expect(verdict).toMatchObject({ verified: false, entries: seq - 1, firstBad: { seq } })
    expect(verdict.firstBad?.reason).toContain(reason)
    expect(verdict.head).toBe(seq === 1 ? '0'.repeat(64) : TWELVE[seq - 2]?.hash)
  })

  it('is found out: two envelopes that changed places, hashes and columns with them', () => {
    const log = TWELVE.map((entry, index) => ({
      ...(TWELVE[index === 5 ? 7 : index === 7 ? 5 : index] ?? entry),
      seq: entry.seq,
    }))
    write(log).close()

    expect(verifyEvidence(file).firstBad).toEqual({ seq: 6, reason: 'its envelope has another seq' })
  })

  it('is found out: an entry that was changed and hashed again', () => {
    write(
      TWELVE.map((entry) => (entry.seq === 6 ? rehashed(entry, (said) => ({ ...said, actor: 'did:web:x' })) : entry)),
    ).close()

    const { firstBad } = verifyEvidence(file)

    expect(firstBad?.seq).toBe(7)
    expect(firstBad?.reason).toContain('prev is not the hash of the entry before it')
  })

  it('is found out: bytes that are no UTF-8 where U+FFFD was, though both decode to the same', () => {
    const log = entries(2)
    const last = rehashed(log[1] as SealedEntry, (said) => ({ ...said, actor: 'did:web:\ufffd' }))
    const db = write([log[0] as SealedEntry, last])
    expect(verifyEvidence(file)).toMatchObject({ verified: true })
    const bytes = Buffer.from(last.envelope)
    const at = bytes.indexOf('\ufffd')

    const forgery = Buffer.concat([bytes.subarray(0, at), Buffer.of(0xff), bytes.subarray(at + 3)])
    db.prepare('UPDATE evidence SET envelope = CAST(? AS TEXT) WHERE seq = 2').run(forgery)
    db.close()

    expect(verifyEvidence(file)).toMatchObject({ verified: false, firstBad: { seq: 2 } })
  })

  it('is found out: an entry of an agreement left out, with the whole chain of the log made again', () => {
    write(rechained(TWELVE.filter(({ seq }) => seq !== 4))).close()

    const { firstBad, entries: held } = verifyEvidence(file)

    expect(firstBad?.seq).toBeLessThanOrEqual(7)
    expect(firstBad?.reason).toContain('of its agreement')
    expect(held).toBe((firstBad?.seq ?? 0) - 1)
  })

  it.each([
    ['an aseq that does not follow', { aseq: 5 }],
    ['an aprev that does not follow', { aprev: '0'.repeat(64) }],
  ])('is found out: %s, with the whole chain of the log made again', (_, members) => {
    const log = TWELVE.map((entry) => {
      return entry.seq === 11 ? { ...rehashed(entry, (said) => ({ ...said, ...members })), ...members } : entry
    })
    write(rechained(log)).close()

    expect(verifyEvidence(file)).toMatchObject({ verified: false, entries: 10, firstBad: { seq: 11 } })
  })

  it.each([
    ['another origin', { origin: 'x.example/evidence' }, 'its origin is another one'],
    ['another version', { v: 2 }, 'another version'],
    ['no n', { n: 'short' }, 'its n is not 32'],
  ])('is found out: %s in an entry of its own', (_, members, reason) => {
    write(
      TWELVE.map((entry) => (entry.seq === 12 ? rehashed(entry, (said) => ({ ...said, ...members })) : entry)),
    ).close()

    expect(verifyEvidence(file).firstBad?.reason).toContain(reason)
  })
})

describe('a log whose newest entries were cut off', () => {
  it('is whole in itself', () => {
    forged('DELETE FROM evidence WHERE seq = 12')

    expect(verifyEvidence(file)).toMatchObject({ verified: true, entries: 11 })
  })

  it('is found out by a head that was kept elsewhere', () => {
    forged('DELETE FROM evidence WHERE seq = 12')

    expect(verifyEvidence(file, { head: HEAD })).toMatchObject({ verified: false, entries: 11, firstBad: { seq: 12 } })
  })

  it('is not suspected when it has only grown since that head', () => {
    write(TWELVE).close()

    expect(verifyEvidence(file, { head: TWELVE[4]?.hash.toUpperCase() ?? '' })).toMatchObject({
      verified: true,
      entries: 12,
    })
  })
})

describe('a file that is no log', () => {
  it.each<[string, () => void, string]>([
    ['is not there', () => undefined, 'no such file'],
    [
      'is no database',
      () => {
        writeFileSync(file, 'x'.repeat(5_000))
      },
      'no readable SQLite database',
    ],
    [
      'has no such table',
      () => {
        open().close()
      },
      'no table "evidence"',
    ],
    [
      'has another table of that name',
      () => {
        const db = open()
        db.exec('CREATE TABLE evidence (seq INTEGER)')
        db.close()
      },
      '',
    ],
    [
      'is empty',
      () => {
        writeFileSync(file, '')
      },
      'no table "evidence"',
    ],
  ])('because it %s is refused with the reason', (_, make, reason) => {
    make()

    const verdict = verifyEvidence(file)

    expect(verdict.verified).toBe(false)
    expect(verdict.firstBad?.reason).toContain(reason)
  })

  it('because it was truncated is refused where it ends', () => {
    write(entries(200)).close()
    truncateSync(file, 65_536)

    const verdict = verifyEvidence(file)

    expect(verdict.verified).toBe(false)
    expect(verdict.firstBad?.reason).toMatch(/cannot be read|no readable/)
  })
})

function rehashed(entry: SealedEntry, change: (said: object) => object): SealedEntry {
  const said = change(JSON.parse(entry.envelope) as object)
  const envelope = JSON.stringify(Object.fromEntries(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1))))
  return { ...entry, envelope, hash: leafHash(envelope) }
}

/** What a forger who owns the file can do: number and chain the log again. Only the chains of the agreements betray him. */
function rechained(log: readonly SealedEntry[]): readonly SealedEntry[] {
  let head: LogHead = EMPTY_LOG
  return log.map((entry, index) => {
    const again = rehashed({ ...entry, seq: index + 1 }, (said) => ({ ...said, seq: index + 1, prev: head.hash }))
    head = headAfter(again)
    return again
  })
}

function contents(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder).sort()
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}
