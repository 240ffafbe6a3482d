// What is written when the policy files were read: the new generation, what happens to those before it, and the evidence.

import type { Instant } from '../../kernel/time.ts'
import type { Json } from '../../kernel/canonical-json.ts'
import type { PolicyGenerationRow, Write } from '../ledger.ts'
import type { KeptFinding } from './rows.ts'

/** A reading of the policy files that was decided upon. */
export interface Reading {
  readonly digest: string
  /** What lies in the folder now. */
  readonly folderDigest: string
  /** Null where the files came from the folder. */
  readonly backTo: number | null
  readonly at: Instant
  readonly by: string
  readonly files: number
  readonly packed: string
  /** Empty: it is in force from now on. */
  readonly findings: readonly KeptFinding[]
  /** What else the entry says of a reading that is in force, such as how many offers it has. */
  readonly told: Readonly<Record<string, Json>>
}

export interface KeepLimits {
  /** Generations that are or were in force. */
  readonly goodMax: number
  readonly refusedMax: number
  /** Of all of them together, packed. The one in force is kept whatever its size. */
  readonly bytesMax: number
}

const KEEP_LIMITS: KeepLimits = { goodMax: 20, refusedMax: 20, bytesMax: 64 * 1024 * 1024 }
/** More rows there can never be. */
export const ROWS_MAX = KEEP_LIMITS.goodMax + KEEP_LIMITS.refusedMax + 1
const FINDINGS_MAX = 20

/** `number` is the generation that says what became of the reading: a new one, or the one that had said the same already. */
export interface Kept {
  readonly write: readonly Write[]
  readonly result: number
}

/**
 * Pure. A reading without findings becomes the next generation, in force; one with findings is kept beside it. Where the folder
 * was refused with the same files before, and nothing else was read from it since, nothing is written: a folder that stays
 * broken leaves one entry.
 *
 * @param known all rows there are, in any order
 */
export function keepGeneration(
  known: readonly PolicyGenerationRow[],
  actor: string,
  reading: Reading,
  limits: KeepLimits = KEEP_LIMITS,
): Kept {
  const newestFirst = known.toSorted((a, b) => b.number - a.number)
  const isRefused = reading.findings.length > 0
  // Going back to a generation says nothing of what lies in the folder.
  const lastRead = newestFirst.find(({ backTo }) => backTo === null)
  if (isRefused && lastRead?.state === 'refused' && lastRead.digest === reading.digest)
    return { write: [], result: lastRead.number }

  const { packed, findings, told, ...rest } = reading
  const row: PolicyGenerationRow = {
    ...rest,
    number: (newestFirst[0]?.number ?? 0) + 1,
    state: isRefused ? 'refused' : 'active',
    bytes: packed.length,
    mistakes: findings.length,
    findings: findings.slice(0, FINDINGS_MAX),
  }
  const before = known.map((each) =>
    !isRefused && each.state === 'active' ? ({ ...each, state: 'superseded' } as const) : each,
  )
  const gone = beyond([...before, row], limits)
  const stays = (each: PolicyGenerationRow): boolean => !gone.includes(each)
  const needed = new Set([...before, row].filter(stays).map(({ digest }) => digest))
  const unused = new Set(gone.map(({ digest }) => digest).filter((digest) => !needed.has(digest)))
  return {
    write: [
      { put: 'policyContent', row: { digest: row.digest, packed } },
      ...before
        .filter((each) => stays(each) && !known.includes(each))
        .map((each): Write => ({ put: 'policyGeneration', row: each })),
      ...gone.map(({ number }): Write => ({ remove: 'policyGeneration', key: [String(number)] })),
      ...[...unused].map((digest): Write => ({ remove: 'policyContent', key: [digest] })),
      { put: 'policyGeneration', row },
      { append: 'evidence', entry: entryOf(row, actor, told) },
    ],
    result: row.number,
  }
}

/** The rows that are too many: the oldest of their kind, and where bytes are short, what was refused before what was in force. */
function beyond(rows: readonly PolicyGenerationRow[], limits: KeepLimits): readonly PolicyGenerationRow[] {
  const newestFirst = rows.toSorted((a, b) => b.number - a.number)
  const refused = newestFirst.filter(({ state }) => state === 'refused')
  const good = newestFirst.filter(({ state }) => state !== 'refused')
  const inForce = good.filter(({ state }) => state === 'active')
  const newest = newestFirst.slice(0, 1)
  const kept = new Set([...inForce, ...newest])
  const bytes = new Map([...kept].map((each) => [each.digest, each.bytes]))
  for (const each of [...good.slice(0, limits.goodMax), ...refused.slice(0, limits.refusedMax)]) {
    const sum = [...new Map(bytes).set(each.digest, each.bytes).values()].reduce((a, b) => a + b, 0)
    if (kept.has(each) || sum > limits.bytesMax) continue
    bytes.set(each.digest, each.bytes)
    kept.add(each)
  }
  return rows.filter((each) => !kept.has(each))
}

function entryOf(
  row: PolicyGenerationRow,
  actor: string,
  told: Reading['told'],
): Extract<Write, { append: 'evidence' }>['entry'] {
  const { number: generation, digest, at, by, files, backTo, mistakes, findings, state } = row
  const common = { at, actor, policyDigest: digest }
  if (state === 'refused') {
    const lines = findings.map(
      ({ file, line, column, code, message }) => `${file}:${String(line)}:${String(column)} ${code}: ${message}`,
    )
    return { ...common, type: 'policy.rejected', ext: { generation, digest, by, mistakes, findings: lines } }
  }
  const back = backTo === null ? {} : { backTo }
  return { ...common, type: 'policy.loaded', ext: { generation, digest, by, files, ...back, ...told } }
}
