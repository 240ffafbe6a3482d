// A situation as somebody would write it down: what is asked for, when, and which facts are given, as in a case of a policy test.

import type { Json } from '../../../kernel/canonical-json.ts'
import { toIso } from '../../../kernel/time.ts'
import type { Phase } from '../facts.ts'
import type { Side } from './side.ts'
import { USUAL_FACTS, type Situation } from './situation.ts'

export interface Request {
  readonly action: string
  readonly phase: Phase
  readonly at: string
  /** By left operand; beside these `agreedAt`, `used`, `uses`, `duties` (by place) and what is asked about, where they matter. */
  readonly given: Readonly<Record<string, Json>>
}

/** Uses that are listed one by one; of more only the number is told. */
const USES_MAX = 20

/** @param side by whose places duties are named */
export function requestOf({ action, phase, facts, asked, duties }: Situation, { dutyNames }: Side): Request {
  const { now, agreedAt, used, uses, known } = facts
  const placed = [...dutyNames].flatMap(([path, name]) => {
    const progress = duties.get(name)
    return progress === undefined || progress === 'nonset' ? [] : [[path, progress] as const]
  })
  const given: Readonly<Record<string, Json>> = {
    ...known,
    ...(agreedAt !== USUAL_FACTS.agreedAt && { agreedAt: agreedAt === null ? null : toIso(agreedAt) }),
    ...(used !== USUAL_FACTS.used && { used }),
    ...(uses !== undefined && { uses: uses.length > USES_MAX ? uses.length : uses.map(toIso) }),
    ...(placed.length > 0 && { duties: Object.fromEntries(placed) }),
    ...(Object.keys(asked).length > 0 && { asked: { ...asked } }),
  }
  return { action, phase, at: toIso(now), given }
}
