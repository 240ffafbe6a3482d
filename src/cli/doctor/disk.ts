// Whether there is room: on the disk, and in the database within its own limit.

import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { allFine, isProblem, type Check, type Patient } from './check.ts'

const MIB = 1_048_576
const FREE_MIN_MIB = 256
const NEAR_FULL = 0.9

export interface Room {
  readonly freeMib: number
  readonly databaseMib: number
  /** Of that, pages that are free again. */
  readonly unusedMib: number
  /** 0: as far as the disk goes. */
  readonly databaseMibMax: number
}

export function checkDisk({ settings, database }: Patient): Check {
  const { dir } = settings.paths
  const place = existsSync(dir) ? dir : dirname(dir)
  const unwritable = whyUnwritable(place)
  if (unwritable !== null) return allFine([unwritable], '')
  const { bavail, bsize } = statfsSync(place)
  const seen = database === null || isProblem(database) ? { bytes: 0, mibFree: 0 } : database
  return judgeRoom(dir, {
    freeMib: (bavail * bsize) / MIB,
    databaseMib: seen.bytes / MIB,
    unusedMib: seen.mibFree,
    databaseMibMax: settings.config.limits.databaseMibMax,
  })
}

/** An upgrade keeps a copy of the database beside it, so that as much again must be free. */
export function judgeRoom(dir: string, { freeMib, databaseMib, unusedMib, databaseMibMax }: Room): Check {
  const needed = Math.max(FREE_MIN_MIB, databaseMib)
  const usedMib = databaseMib - unusedMib
  return allFine(
    [
      ...(freeMib < needed
        ? [
            `${whole(freeMib)} MiB are free in ${dir}, and ${whole(needed)} should be: remove old copies (connector.db.before-…), backups or logs there, or give it a larger disk`,
          ]
        : []),
      ...(databaseMibMax > 0 && usedMib > NEAR_FULL * databaseMibMax
        ? [
            `the database holds ${whole(usedMib)} of the ${whole(databaseMibMax)} MiB that limits.databaseMibMax allows: raise it and start again, or remove datasets; a full database refuses every message`,
          ]
        : []),
    ],
    `${whole(freeMib)} MiB free, database ${whole(databaseMib)} MiB${databaseMibMax > 0 ? ` of ${whole(databaseMibMax)}` : ''}`,
  )
}

function whyUnwritable(dir: string): string | null {
  try {
    accessSync(dir, constants.W_OK)
    return null
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return `${dir} cannot be written by this user (${code}): the connector must own its data directory`
  }
}

function whole(mib: number): string {
  return String(Math.ceil(mib))
}
