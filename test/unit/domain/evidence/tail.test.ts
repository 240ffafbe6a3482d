// A quick look at the end of a log.

import { expect, test } from 'vitest'
import { EMPTY_LOG, headAfter, seal, type SealedEntry } from '../../../../src/domain/evidence/entry.ts'
import { tailFault } from '../../../../src/domain/evidence/tail.ts'
import { NOW, PROVIDER } from '../../../fixtures/builders.ts'

const LOG = Array.from({ length: 6 }).reduce<readonly SealedEntry[]>((log, _, count) => {
  const last = log.at(-1)
  const head = last === undefined ? EMPTY_LOG : headAfter(last)
  const draft = { type: 'connector.started', at: NOW, actor: PROVIDER, ext: { count } } as const
  return [...log, seal(draft, { origin: PROVIDER, n: 'a'.repeat(32), head, agreementHead: null })]
}, [])

function changed(at: number, change: Partial<SealedEntry>): readonly SealedEntry[] {
  return LOG.map((entry, index) => (index === at ? { ...entry, ...change } : entry))
}

test('a log that was left alone holds, from any entry on', () => {
  expect(tailFault(LOG)).toBeNull()
  expect(tailFault(LOG.slice(3))).toBeNull()
  expect(tailFault([])).toBeNull()
})

// prettier-ignore
test.each([
  ['a changed envelope',              changed(2, { envelope: LOG[2]?.envelope.replace('"count":2', '"count":9') ?? '' }), 3, 'its hash is not that of its envelope'],
  ['a changed hash',                  changed(2, { hash: 'f'.repeat(64) }), 3, 'its hash is not that of its envelope'],
  ['an entry that was taken out',     LOG.filter((_, index) => index !== 2), 4, 'entry 3 is missing before it'],
  ['an entry put in place of another', [...LOG.slice(0, 2), { ...(LOG[4] ?? LOG[0]), seq: 3 } as SealedEntry], 3, 'its prev is not the hash of the entry before it'],
])('%s is found', (_what, log, seq, reason) => {
  expect(tailFault(log)).toEqual({ seq, reason })
})
