// The decision matrix of the shipped templates, all of it: a change of a template shows here, line by line, and is to be reviewed.

import { describe, expect, it } from 'vitest'
import { AXES, deciderOf, decideTransfer, GRADES, type Transfer } from '../../fixtures/decision-matrix.ts'
import { combinations, toCsv } from '../../fixtures/matrix-table.ts'
import { instancesOf, shippedPolicies } from '../../fixtures/templates.ts'
import { compiled } from '../../unit/domain/policy/fixture.ts'

const set = await shippedPolicies()
const coreData = set.guardrails.find(({ id }) => id === 'core-data')
if (coreData === undefined) throw new Error('the guardrail core-data is not there')
const templates = new Map(instancesOf(set).map(({ id, policy }) => [id, policy]))
const policies = { templates, guardrail: coreData.policy }
const transfers = combinations(AXES) as readonly Transfer[]

describe('data that cross a border', () => {
  it('are decided as the reviewed matrix says', async () => {
    const decide = deciderOf(policies)
    const cells = transfers.map((transfer) => {
      const { decision, reason } = decide(transfer)
      return { at: transfer, outcome: [decision, reason] }
    })
    // `vitest -u` writes it anew; what changes there has to be looked at.
    await expect(toCsv(cells, AXES, ['decision', 'reason'])).toMatchFileSnapshot('../../fixtures/decision-matrix.csv')
  })

  it('are decided the same whether or not something like it was decided before', () => {
    const decide = deciderOf(policies)
    for (const transfer of transfers.filter((_, index) => index % 97 === 0)) {
      expect(decide(transfer), JSON.stringify(transfer)).toEqual(decideTransfer(transfer, policies))
    }
  })

  // Without the rule of the site, which denies every core datum whatever the templates say.
  it('are never decided more narrowly for a lower grade', () => {
    const nothing = compiled({ prohibition: [{ action: 'sell' }] })
    const decide = deciderOf({ templates, guardrail: nothing })
    const isPermitted = (transfer: Transfer): boolean => ['permit', 'conditional'].includes(decide(transfer).decision)
    let differ = 0
    for (const transfer of combinations({ ...AXES, grade: ['-'] }) as readonly Transfer[]) {
      const [general = false, important = false, core = false] = GRADES.map((grade) =>
        isPermitted({ ...transfer, grade }),
      )
      if ((core && !important) || (important && !general)) throw new Error(JSON.stringify(transfer))
      if (general !== core) differ += 1
    }
    expect(differ).toBeGreaterThan(1000)
  })
})
