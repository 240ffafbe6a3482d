// What a diff of policies finds, as `--json` prints it.

import type { PolicyDiff, Shown } from '../../domain/policy/analysis/diff.ts'

export interface PolicyEntry {
  readonly kind: 'offer' | 'guardrail' | 'template'
  readonly id: string
  readonly state: 'same' | 'changed' | 'added' | 'removed'
  /** Of those that stand on both sides. */
  readonly diff: PolicyDiff | null
  /** Who may see the offer. */
  readonly access: Shown | null
}

export interface AffectedOffer {
  readonly offer: string
  /** The offer itself, or guardrails over it. */
  readonly by: readonly string[]
  /** Whose agreements are under the former text of the offer; null where nobody asked. They keep that text. */
  readonly counterparties: readonly string[] | null
}

export interface DiffReport {
  readonly policies: readonly PolicyEntry[]
  readonly affected: readonly AffectedOffer[]
}
