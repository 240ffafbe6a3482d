// Which paths below a source an administrator has opened: globs over segments.

import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import { fitsGlob } from '../policy/glob.ts'

/** Bounds of a list of globs: entries, and characters of each. */
const GLOBS_MAX = 100
const GLOB_LENGTH_MAX = 256

/**
 * A list of globs as an administrator writes it: `*` stands for any run of characters inside a segment, a segment `**` for any
 * number of segments. Refuses (`request.malformed`) empty lists, slashes at either end, and segments that no path can have.
 */
export function readPathGlobs(raw: readonly unknown[], at: string): Result<readonly string[]> {
  if (raw.length === 0 || raw.length > GLOBS_MAX)
    return bad('request.malformed', `expected 1 to ${String(GLOBS_MAX)} globs`, at)
  const globs: string[] = []
  for (const [index, glob] of raw.entries()) {
    if (typeof glob !== 'string' || glob.length > GLOB_LENGTH_MAX || !glob.split('/').every(canBeSegment)) {
      const expected = `expected a glob of at most ${String(GLOB_LENGTH_MAX)} characters such as 2026/*.csv or stations/**`
      return bad('request.malformed', expected, `${at}[${String(index)}]`)
    }
    globs.push(glob)
  }
  return good(globs)
}

/** Whether one of the globs takes the path, which is given as decoded segments. */
export function fitsAnyGlob(globs: readonly string[], segments: readonly string[]): boolean {
  return globs.some((glob) => fits(glob.split('/'), segments))
}

/** Goes over the pattern once and keeps every place at which the path may stand, so that no pattern makes it slow. */
function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  let places: ReadonlySet<number> = new Set([0])
  for (const part of pattern) {
    const next = new Set<number>()
    for (const place of places) {
      if (part === '**') for (let each = place; each <= segments.length; each++) next.add(each)
      else {
        const segment = segments[place]
        if (segment !== undefined && fitsGlob(part, segment)) next.add(place + 1)
      }
    }
    places = next
  }
  return places.has(segments.length)
}

function canBeSegment(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..' || /[\\\p{Cc}]/u.test(segment)) return false
  return segment === '**' || !segment.includes('**')
}
