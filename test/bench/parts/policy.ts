// Policy decisions on one core: a simple policy of two constraints, asked as at the start of a delivery.

import { compilePolicy } from '../../../src/domain/policy/compile.ts'
import { evaluatePolicy } from '../../../src/domain/policy/evaluate.ts'
import type { Facts } from '../../../src/domain/policy/facts.ts'
import { orThrow } from '../../../src/kernel/problem.ts'
import { instant } from '../../../src/kernel/time.ts'
import type { ParticipantId } from '../../../src/protocol/ids.ts'
import type { Bench } from '../bench.ts'
import { median, rounded } from '../statistics.ts'

export interface PolicyFigures {
  readonly perSecond: number
}

const BATCH = 1_000

export async function measurePolicy({ sizes, say }: Bench): Promise<PolicyFigures> {
  const policy = orThrow(
    compilePolicy({
      permission: [
        {
          action: 'use',
          constraint: [
            { leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: ['CN', 'VN'] },
            { leftOperand: 'count', operator: 'lteq', rightOperand: '1000' },
          ],
        },
      ],
    }),
  )
  const facts: Facts = {
    now: instant(Date.now()),
    participant: 'did:web:consumer.example' as ParticipantId,
    country: 'VN',
    purpose: null,
    agreedAt: instant(Date.now()),
    used: 0,
  }

  /** Decisions a second; every one is looked at, so that none can be left out by the compiler. */
  function round(): number {
    const begun = performance.now()
    let [decided, permitted] = [0, 0]
    while (performance.now() - begun < sizes.policy.roundMs) {
      for (let each = 0; each < BATCH; each++) {
        if (evaluatePolicy(policy, 'use', { ...facts, used: decided % 1000 }, 'start').verdict === 'permit') permitted++
        decided++
      }
    }
    const ms = performance.now() - begun
    if (permitted !== decided) throw new Error('the policy permits this')
    return (1000 * decided) / ms
  }

  say(`${String(sizes.rounds)} rounds of ${String(sizes.policy.roundMs)} ms after one of warm-up`)
  round()
  return { perSecond: rounded(median(Array.from({ length: sizes.rounds }, round))) }
}
