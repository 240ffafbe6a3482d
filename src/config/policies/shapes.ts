// In which order the keys of policy files stand, and where constraints are.

import { PARTY_FUNCTIONS } from '../../protocol/odrl/json-ld.ts'
import type { FileKind } from './read-file.ts'

/** What may stand at one place: a mapping, a list of such, or a list of constraints. */
export interface Shape {
  /** The keys that are known, in their order; others follow as they came. */
  readonly order: readonly string[]
  /** What stands behind a key. */
  readonly of?: Readonly<Record<string, () => Shape>>
  /** What stands behind every key: they are names. */
  readonly each?: () => Shape
  readonly isConstraint?: true
}

const CONSTRAINT: Shape = { order: [], isConstraint: true }
const constraint = (): Shape => CONSTRAINT
const rule = (): Shape => RULE

const RULE: Shape = {
  order: ['uid', 'action', 'refinement', 'constraint', 'within', ...PARTY_FUNCTIONS, 'duty', 'remedy', 'consequence'],
  of: { refinement: constraint, constraint, duty: rule, remedy: rule, consequence: rule },
}

const RULES = { permission: rule, prohibition: rule, obligation: rule }
const RULE_ORDER = ['profile', 'conflict', 'permission', 'prohibition', 'obligation']
const HEAD = ['version', 'title', 'description']

const PARAMETER: Shape = { order: ['type', 'default', 'min', 'max', 'oneOf', 'required', 'title'] }
const CASE: Shape = { order: ['name', 'phase', 'at', 'action', 'given', 'expect', 'reasons', 'deferred'] }
const ENTRY: Shape = { order: ['title', 'type', 'claim', 'broader', 'within', 'gbt2260', 'at', 'members'] }
const entries = (): Shape => ({ order: [], each: () => ENTRY })

export const SHAPES: Readonly<Record<FileKind, Shape>> = {
  offer: {
    order: ['offer', ...HEAD, 'datasets', 'access', 'template', 'with', 'inheritFrom', ...RULE_ORDER, 'automation'],
    of: { ...RULES, access: constraint },
  },
  guardrail: {
    order: ['guardrail', ...HEAD, 'datasets', 'parties', 'template', 'with', ...RULE_ORDER],
    of: { ...RULES, parties: constraint },
  },
  template: {
    order: [
      'template',
      ...HEAD,
      'basis',
      'lastReviewed',
      'reviewBy',
      'disclaimer',
      'parameters',
      'policy',
      'annex',
      'settlement',
    ],
    of: {
      parameters: () => ({ order: [], each: () => PARAMETER }),
      policy: () => ({ order: [...RULE_ORDER, 'annex', 'settlement'], of: RULES }),
    },
  },
  test: { order: ['offer', 'guardrail', 'template', 'policy', 'with', 'cases'], of: { cases: () => CASE } },
  defaults: { order: ['timezone', 'language', 'limits'] },
  vocab: {
    order: [],
    of: { purposes: entries, regions: entries, groups: entries, credentials: entries, events: entries },
  },
}
