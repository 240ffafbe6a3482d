// Mistakes that have a likely meaning, and warnings that would mislead while something else is broken.

import { describe, expect, it } from 'vitest'
import { isMistake, type Finding } from '../../../../src/config/finding.ts'
import { readPolicyFolder } from '../../../../src/config/policies/read-policy-folder.ts'

const yaml = (text: string, path = 'offers/a.yaml') => ({ path, text })
const read = (text: string) => readPolicyFolder([yaml(text)])
const mistakesIn = ({ findings }: { readonly findings: readonly Finding[] }) => findings.filter(isMistake)

/** The smallest offer; what follows continues its one permission. */
const OFFER = `offer: a
datasets: [ d ]
permission:
  - action: use
`

describe('the tests of a folder', () => {
  const offer = yaml(`${OFFER}    constraint: [{ count: { lteq: 1 } }]\n`)
  const codesOf = (tests: string) =>
    readPolicyFolder([offer, { path: 'tests/a.test.yaml', text: tests }]).findings.map(({ code }) => code)

  it('are missed where none looks at an offer', () => {
    expect(readPolicyFolder([offer]).findings.map(({ code }) => code)).toContain('missing-test')
    expect(codesOf('offer: a\ncases: [{ name: x, expect: permit }]\n')).not.toContain('missing-test')
  })

  it('are not missed while some of them cannot be read', () => {
    expect(codesOf('offer: a\ncases: [{ name: x, expect: permitt }]\n')).not.toContain('missing-test')
    expect(codesOf('offer: [')).not.toContain('missing-test')
  })
})

describe('what was probably meant', () => {
  // prettier-ignore
  it.each([
    ['lte', 'lteq'], ['gte', 'gteq'], ['<=', 'lteq'], ['==', 'eq'], ['!=', 'neq'], ['lteqq', 'lteq'],
  ])('by the operator %s is %s', (written, meant) => {
    const set = read(`${OFFER}    constraint: [{ count: { '${written}': 1 } }]\n`)
    expect(mistakesIn(set)).toMatchObject([{ code: 'operator-type', hint: `did you mean \`${meant}\`?` }])
  })

  it('by a currency of another name is that of ISO 4217', () => {
    const paid = (unit: string) =>
      read(`${OFFER}    constraint: [{ payAmount: { eq: 1, unit: ${unit} } }]\n`).findings.filter(
        ({ code }) => code === 'unknown-unit',
      )
    expect(paid('RMB')).toMatchObject([{ severity: 'warning', hint: 'did you mean `CNY`?', line: 5 }])
    expect([...paid('CNY'), ...paid('USD'), ...paid('urn:iso:4217:VND')]).toEqual([])
  })

  it('by a merge key has to be written out', () => {
    const set = read('offer: a\ndatasets: [d]\npermission:\n  - &p { action: use }\n  - { <<: *p }\n')
    expect(mistakesIn(set)).toMatchObject([
      { line: 5, code: 'missing', message: '`action` is missing' },
      { line: 5, code: 'unknown-key', hint: 'YAML 1.2 has no merge keys: write it out' },
    ])
  })
})

describe('a parent that is not there', () => {
  it('is all that is told of an offer that has nothing else', () => {
    const { findings } = read('offer: a\ndatasets: [d]\ninheritFrom: [b]\n')
    expect(findings.filter(isMistake).map(({ code }) => code)).toEqual(['unknown-parent'])
  })
})
