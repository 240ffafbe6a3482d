// How large a policy may be, so that reading and evaluating a hostile one stays cheap.

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
} as const
