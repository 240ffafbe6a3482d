// The decision matrix of the shipped templates, all of it: a change of a template shows here, line by line, and is to be reviewed.

import { describe, expect, it } from 'vitest'
import {
  AXES,
  decideTransfer,
  GRADES,
  type Outcome,
  type Policies,
  type Transfer,
} from '../../fixtures/decision-matrix.ts'
import { combinations, toCsv } from '../../fixtures/matrix-table.ts'
import { instancesOf, shippedPolicies } from '../../fixtures/templates.ts'

const set = await shippedPolicies()
const [guardrail] = set.guardrails.filter(({ id }) => id === 'core-data')
const templates = new Map(instancesOf(set).map(({ id, policy }) => [id, policy]))

describe('data that cross a border', () => {
  it('are decided as the reviewed matrix says', async () => {
    expect(guardrail).toBeDefined()
    if (guardrail === undefined) return
    const cells = decided({ templates, guardrail: guardrail.policy })
    const csv = toCsv(
      cells.map(({ transfer, outcome: { decision, reason } }) => ({ at: transfer, outcome: [decision, reason] })),
      AXES,
      ['decision', 'reason'],
    )
    // `vitest -u` writes it anew; what changes there has to be looked at.
    await expect(csv).toMatchFileSnapshot('../../fixtures/decision-matrix.csv')
  })

  it('are never decided more narrowly for a lower grade', () => {
    if (guardrail === undefined) return
    const permitted = new Map(
      decided({ templates, guardrail: guardrail.policy }).map(({ transfer, outcome: { decision } }) => {
        return [Object.values(transfer).join(' '), decision === 'permit' || decision === 'conditional']
      }),
    )
    for (const transfer of combinations({ ...AXES, grade: ['-'] }) as readonly Transfer[]) {
      const [general, important, core] = GRADES.map((grade) =>
        permitted.get(Object.values({ ...transfer, grade }).join(' ')),
      )
      expect([core !== true || important, important !== true || general], JSON.stringify(transfer)).toEqual([
        true,
        true,
      ])
    }
  })
})

function decided(policies: Policies): readonly { readonly transfer: Transfer; readonly outcome: Outcome }[] {
  return (combinations(AXES) as readonly Transfer[]).map((transfer) => ({
    transfer,
    outcome: decideTransfer(transfer, policies),
  }))
}
