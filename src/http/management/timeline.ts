// The history of one process as people read it: each entry of its evidence as one step, with who, what and why. Pure.

import { EVIDENCE_TYPES, type SealedEntry } from '../../domain/evidence/entry.ts'
import { toIso } from '../../kernel/time.ts'

interface Envelope {
  readonly actor: string
  readonly ext?: Readonly<Record<string, unknown>>
}

/**
 * What is the same in every step has a name of its own; what else the entry says stands in `details`. `from` and `to` are
 * states: a step without `to` moved nothing. The peer's own words are in the sentence of `problem`.
 */
export function stepView({ seq, at, type, envelope }: SealedEntry): object {
  const { actor, ext = {} } = JSON.parse(envelope) as Envelope
  const { by = null, move = null, from, state, code, message, path, ...details } = ext
  const moved = type === 'message.received' || type === 'message.acknowledged'
  const ended = type === 'process.ended'
  return {
    seq,
    at: toIso(at),
    type,
    means: EVIDENCE_TYPES[type],
    actor,
    by,
    move,
    from: from ?? (moved ? null : (state ?? null)),
    to: moved ? (state ?? null) : ended ? 'TERMINATED' : null,
    problem: code === undefined ? null : { code, message, ...(typeof path === 'string' && { path }) },
    details,
  }
}
