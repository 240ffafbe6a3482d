// Recomputes a whole evidence log from its file alone. Shares no code with what wrote it, and so imports nothing from here:
// a mistake in the writer must not be repeated by the verifier, and an auditor can run this one file.

import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

export interface Verdict {
  readonly verified: boolean
  /** How many entries hold, from the first on. */
  readonly entries: number
  /** The hash of the last of them; 64 zeros when there is none. */
  readonly head: string
  /** `seq` is 0 when the file could not be read at all. */
  readonly firstBad: null | { readonly seq: number; readonly reason: string }
  /** What is odd and proves nothing, such as a clock that was set back. */
  readonly notes: readonly string[]
}

const NO_HASH = '0'.repeat(64)
const ENVELOPE_BYTES_MAX = 65_535

/**
 * Checks every entry of a log: its number, its canonical form, its hash, its place in the chain of the log and in that of
 * its agreement, and the columns that repeat it. Reads row by row, whatever the size of the log, and changes nothing.
 *
 * @param file     a `connector.db`, of a running connector or a copy of it, with its `-wal` beside it or without
 * @param expected `head`: the hash of an entry that was shown or stored elsewhere. A chain alone cannot tell that its
 *                 newest entries were cut off; a log that does not contain this hash is not the one it was
 */
export function verifyEvidence(file: string, expected: { head?: string } = {}): Verdict {
  if (!existsSync(file)) return unreadable('there is no such file')
  using opened = new DisposableStack()
  try {
    const log = opening(file, opened)
    const tables = log.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'evidence'").all()
    if (tables.length === 0) return unreadable('the database has no table "evidence"')
    return verify(log, expected.head?.toLowerCase())
  } catch (error) {
    return unreadable(`the file is no readable SQLite database: ${messageOf(error)}`)
  }
}

function unreadable(reason: string): Verdict {
  return { verified: false, entries: 0, head: NO_HASH, firstBad: { seq: 0, reason }, notes: [] }
}

/**
 * Opens for reading so that nothing changes, and no file appears beside the log. A running connector keeps a `-shm` file,
 * which is shared with it. A write-ahead log without one would make SQLite create one: then a copy is read. With neither,
 * the file is complete in itself and is read as immutable.
 */
function opening(file: string, opened: DisposableStack): DatabaseSync {
  let path = file
  const isShared = existsSync(`${file}-shm`)
  const pending = ['-wal', '-journal'].filter((suffix) => existsSync(`${file}${suffix}`))

  if (!isShared && pending.length > 0) {
    const directory = mkdtempSync(join(tmpdir(), 'evidence-'))
    opened.defer(() => {
      rmSync(directory, { recursive: true, force: true })
    })
    path = join(directory, basename(file))
    for (const suffix of ['', ...pending]) copyFileSync(`${file}${suffix}`, `${path}${suffix}`)
  }

  const url = pathToFileURL(path)
  if (!isShared && pending.length === 0) url.searchParams.set('immutable', '1')
  const log = new DatabaseSync(url, { readOnly: true })
  opened.defer(() => {
    log.close()
  })
  // Both passes must see the same log while a connector goes on writing.
  log.exec('BEGIN')
  return log
}

type Row = Readonly<Record<string, unknown>>

interface Chain {
  seq: number
  hash: string
  at: number
  origin: unknown
}

function verify(log: DatabaseSync, expectedHead: string | undefined): Verdict {
  const chain: Chain = { seq: 0, hash: NO_HASH, at: Number.NEGATIVE_INFINITY, origin: undefined }
  const backwards = { times: 0, firstSeq: 0 }
  let seen = expectedHead === undefined || expectedHead === NO_HASH
  let firstBad: Verdict['firstBad'] = null

  try {
    for (const row of log.prepare(ROWS).iterate()) {
      const reason = faultOf(row, chain)
      if (reason !== null) {
        firstBad = { seq: chain.seq + 1, reason }
        break
      }
      const at = Number(row['at'])
      if (at < chain.at && backwards.times++ === 0) backwards.firstSeq = chain.seq + 1
      chain.seq += 1
      chain.hash = String(row['hash'])
      chain.at = at
      seen ||= chain.hash === expectedHead
    }
    // What holds so far is looked at again by agreement: a fault there comes before the one that ended the first pass.
    firstBad = agreementFault(log, chain.seq) ?? firstBad
  } catch (error) {
    firstBad ??= { seq: chain.seq + 1, reason: `it cannot be read: ${messageOf(error)}` }
  }

  if (firstBad === null && !seen) {
    const reason = 'the expected head is the hash of no entry: the newest entries were cut off, or this is another log'
    firstBad = { seq: chain.seq + 1, reason }
  }
  const entries = firstBad === null ? chain.seq : firstBad.seq - 1
  const head = entries === chain.seq ? chain.hash : hashAt(log, entries)
  const { times, firstSeq } = backwards
  const notes =
    times === 0 ? [] : [`the clock went back: first at entry ${String(firstSeq)}, entries concerned: ${String(times)}`]
  return { verified: firstBad === null, entries, head, firstBad, notes }
}

// The bytes of the envelope, not its text: decoding would let bytes that are no UTF-8 pass for U+FFFD.
const ROWS = `
  SELECT seq, at, type, pid, agreement, aseq, hash,
         CASE WHEN octet_length(envelope) <= ${String(ENVELOPE_BYTES_MAX)} THEN CAST(envelope AS BLOB) END AS envelope
  FROM evidence ORDER BY seq`

/** Why a row is not the entry that follows the chain; null when it is. */
function faultOf(row: Row, chain: Chain): string | null {
  const { seq, at, type, pid, agreement, aseq, hash, envelope } = row
  if (seq !== chain.seq + 1) return `it is missing: the next entry is number ${String(seq)}`
  if (!(envelope instanceof Uint8Array))
    return `its envelope is longer than ${String(ENVELOPE_BYTES_MAX)} bytes, or no text`

  const said = canonicallyParsed(envelope)
  if (said === null) return 'its envelope is not the canonical form of a JSON object (RFC 8785)'
  if (leafHash(envelope) !== hash) return 'its hash is not that of its envelope'

  chain.origin ??= said['origin']
  // prettier-ignore
  const claims: readonly (readonly [boolean, string])[] = [
    [said['v'] === 1,                           'its envelope is of another version'],
    [said['seq'] === seq,                       'its envelope has another seq'],
    [said['prev'] === chain.hash,               'its prev is not the hash of the entry before it: one of the two was changed'],
    [said['at'] === isoOf(at),                  'the column "at" differs from its envelope'],
    [said['type'] === type,                     'the column "type" differs from its envelope'],
    [(said['pid'] ?? null) === pid,             'the column "pid" differs from its envelope'],
    [(said['agreement'] ?? null) === agreement, 'the column "agreement" differs from its envelope'],
    [(said['aseq'] ?? null) === aseq,           'the column "aseq" differs from its envelope'],
    [(agreement === null) === (aseq === null),  'it has an agreement without an aseq, or an aseq without an agreement'],
    [typeof said['origin'] === 'string',        'its envelope names no origin'],
    [said['origin'] === chain.origin,           'its origin is another one than that of the first entry'],
    [isHex(said['n'], 32),                      'its n is not 32 hexadecimal digits'],
  ]
  return claims.find(([holds]) => !holds)?.[1] ?? null
}

/** The first entry that breaks the chain of its agreement. The database sorts, so that no agreement is held in memory. */
function agreementFault(log: DatabaseSync, lastSeq: number): Verdict['firstBad'] {
  const rows = log.prepare(`
    SELECT seq, agreement, aseq, hash, json_extract(envelope, '$.aprev') AS aprev
    FROM evidence WHERE agreement IS NOT NULL AND seq BETWEEN 1 AND ? ORDER BY agreement, seq`)
  let before: Row = {}
  let fault: Verdict['firstBad'] = null

  for (const row of rows.iterate(lastSeq)) {
    const isFirst = row['agreement'] !== before['agreement']
    const aseq = isFirst ? 1 : Number(before['aseq']) + 1
    const aprev = isFirst ? NO_HASH : before['hash']
    const seq = Number(row['seq'])
    if ((row['aseq'] !== aseq || row['aprev'] !== aprev) && seq < (fault?.seq ?? Number.POSITIVE_INFINITY)) {
      fault = { seq, reason: `it is not entry ${String(aseq)} of its agreement: its aseq or its aprev does not follow` }
    }
    before = row
  }
  return fault
}

function hashAt(log: DatabaseSync, seq: number): string {
  const row = log.prepare('SELECT hash FROM evidence WHERE seq = ?').get(seq)
  return row === undefined ? NO_HASH : String(row['hash'])
}

/** SHA-256 of the byte 0x00 and the envelope (RFC 6962, 2.1). */
function leafHash(envelope: Uint8Array): string {
  return createHash('sha256').update(Uint8Array.of(0)).update(envelope).digest('hex')
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function canonicallyParsed(envelope: Uint8Array): Row | null {
  try {
    const text = UTF8.decode(envelope)
    const value: unknown = JSON.parse(text)
    const isCanonical =
      typeof value === 'object' && value !== null && !Array.isArray(value) && canonical(value) === text
    return isCanonical ? (value as Row) : null
  } catch {
    return null // no UTF-8, no JSON, or nested deeper than this process can follow
  }
}

/** RFC 8785 for what JSON.parse can give: members sorted by UTF-16 code units, numbers and strings as ECMAScript has them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${quoted(key)}:${canonical(member)}`).join(',')}}`
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no canonical form')
  return JSON.stringify(text)
}

function isoOf(at: unknown): string | null {
  const date = new Date(Number(at))
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function isHex(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]*$/.test(value)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
