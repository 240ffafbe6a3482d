// A contract policy as the Chinese digital contract has it: the names of its fields after TC609-6-2025-14 as far as published.
// The envelope around them (the lists, `uid`, `unit`) is ours, because the standard's own is known in part only.

/** 合约策略. */
export interface Tc609Policy {
  readonly profile: typeof TC609_PROFILE
  readonly policyId: string
  readonly policyName?: string | Readonly<Record<string, string>>
  readonly description?: string | Readonly<Record<string, string>>
  /** 允许, each with its 前置义务. */
  readonly permissions?: readonly Tc609Permission[]
  /** 禁止, each with its 补救措施. */
  readonly prohibitions?: readonly Tc609Prohibition[]
  /** 义务, each with its 违约责任. */
  readonly obligations?: readonly Tc609Obligation[]
}

export const TC609_PROFILE = 'TC609-6-2025-14'

/** One action under a flat list of constraints, all of which must hold. */
export interface Tc609Rule {
  readonly uid?: string
  readonly action: string
  readonly constraints?: readonly Tc609Constraint[]
}

export interface Tc609Permission extends Tc609Rule {
  readonly preDuties?: readonly Tc609Rule[]
}

export interface Tc609Prohibition extends Tc609Rule {
  readonly remedies?: readonly Tc609Rule[]
}

export interface Tc609Obligation extends Tc609Rule {
  readonly consequences?: readonly Tc609Rule[]
}

export interface Tc609Constraint {
  readonly uid?: string
  readonly name: string
  /** `01` to `12`. */
  readonly operator: string
  /** A list with operators that take several. */
  readonly value: string | readonly string[]
  /** A currency with `payAmount`, `B` with `dataSize`. */
  readonly unit?: string
}
