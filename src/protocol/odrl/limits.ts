// How large a policy may be, so that reading and evaluating a hostile one stays cheap.

export interface PolicyLimits {
  readonly rulesMax: number
  readonly constraintsMax: number
  readonly depthMax: number
  readonly valuesMax: number
  readonly charsMax: number
}

export const POLICY_LIMITS = {
  /** Rules in each of permission, prohibition and obligation, and duties of one permission. */
  rulesMax: 100,
  /** Constraints in the whole policy, nested ones included. */
  constraintsMax: 2_000,
  /** How deep `and`, `or` and `xone` may be nested. */
  depthMax: 8,
  /** Values in one right operand. */
  valuesMax: 1000,
  /** UTF-16 code units in any identifier, term or value. */
  charsMax: 2048,
} as const satisfies PolicyLimits

/** Of a policy that somebody evaluates for themselves: made of atomic rules, each with the constraints of the whole. */
export const ANY_POLICY_LIMITS: PolicyLimits = {
  ...POLICY_LIMITS,
  rulesMax: 10_000,
  constraintsMax: 100_000,
  depthMax: 32,
  valuesMax: 10_000,
}
