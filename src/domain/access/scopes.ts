// Who may do what on the management API: a token has one scope, and each kind of work is open to some of them.

export const SCOPES = ['viewer', 'steward', 'administrator', 'auditor'] as const
export type Scope = (typeof SCOPES)[number]

/** `read`: look · `exchange`: negotiate, transfer, fetch · `administer`: datasets, peers, tokens · `audit`: the evidence. */
export type Work = 'read' | 'exchange' | 'administer' | 'audit'

// prettier-ignore
const MAY: { readonly [W in Work]: readonly Scope[] } = {
  read:       ['viewer', 'steward', 'administrator', 'auditor'],
  exchange:   ['steward', 'administrator'],
  administer: ['administrator'],
  audit:      ['auditor', 'administrator'],
}

export function may(scope: string, work: Work): boolean {
  return MAY[work].some((allowed) => allowed === scope)
}
