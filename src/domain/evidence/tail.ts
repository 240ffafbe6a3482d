// Whether the last entries of a log hang together: a quick look, where the whole log would take too long. Pure.

import { leafHash, type SealedEntry } from './entry.ts'

/** The first entry that does not follow the one before it, and why; null where all do. The first of them is taken on trust. */
export function tailFault(entries: readonly SealedEntry[]): { readonly seq: number; readonly reason: string } | null {
  for (const [index, { seq, envelope, hash }] of entries.entries()) {
    if (leafHash(envelope) !== hash) return { seq, reason: 'its hash is not that of its envelope' }
    const before = entries[index - 1]
    if (before === undefined) continue
    if (seq !== before.seq + 1) return { seq, reason: `entry ${String(before.seq + 1)} is missing before it` }
    if (prevIn(envelope) !== before.hash) return { seq, reason: 'its prev is not the hash of the entry before it' }
  }
  return null
}

function prevIn(envelope: string): unknown {
  try {
    return (JSON.parse(envelope) as { readonly prev?: unknown }).prev
  } catch {
    return null // its hash holds, and still it is no JSON: then it follows nothing
  }
}
