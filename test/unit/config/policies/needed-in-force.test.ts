// Of files that are known to be good, those that say what is in force.

import { expect, test } from 'vitest'
import { neededInForce } from '../../../../src/config/policies/needed-in-force.ts'
import { readPolicyFolder } from '../../../../src/config/policies/read-policy-folder.ts'
import { readPolicyFiles } from '../../../../src/config/policies/read-policy-files.ts'
import { SHIPPED_POLICIES } from '../../../fixtures/templates.ts'

test('tests are not, nor templates that no offer names', () => {
  const files = [
    { path: 'defaults.yaml', text: '' },
    { path: 'guardrails/site.yaml', text: '' },
    { path: 'offers/a.yaml', text: 'offer: a\ntemplate: "metered"\n' },
    { path: 'templates/metered.yaml', text: '' },
    { path: 'templates/unused.yaml', text: 'template: unused # metered' },
    { path: 'tests/a.test.yaml', text: 'template: unused' },
    { path: 'vocab/groups.yaml', text: '' },
  ]
  expect(neededInForce(files).map(({ path }) => path)).toEqual([
    'defaults.yaml',
    'guardrails/site.yaml',
    'offers/a.yaml',
    'templates/metered.yaml',
    'vocab/groups.yaml',
  ])
})

test('what is shipped says the same without them', async () => {
  const files = await readPolicyFiles(SHIPPED_POLICIES)
  const [whole, needed] = [readPolicyFolder(files), readPolicyFolder(neededInForce(files))]
  expect(neededInForce(files).length).toBeLessThan(files.length / 2)
  expect([needed.offers, needed.guardrails, needed.vocab]).toEqual([whole.offers, whole.guardrails, whole.vocab])
})
