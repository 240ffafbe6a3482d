// Templates: parameters of a type, and what becomes of them in offers and guardrails.

import { describe, expect, it } from 'vitest'
import { sameRules } from '../../../../src/protocol/odrl/same-rules.ts'
import { mistakes, readAll, told } from './folder.ts'

const TEMPLATE = `template: metered
version: '2'
title: { en: Metered, zh: 计量 }
basis: [Some law, { title: Another, url: 'https://law.example' }]
reviewBy: 2027-05-20
parameters:
  times: { type: integer, default: 10, min: 1, max: 100, title: { en: Uses, zh: 次数 } }
  until: { type: date }
  places: { type: list-of-place, default: [CN] }
policy:
  permission:
    - action: use
      constraint:
        - count: { lteq: { param: times } }
        - dateTime: { lteq: { param: until } }
        - spatial: { isAnyOf: [VN, { param: places }] }
  annex: { until: { param: until } }
`
const OFFER = `offer: a
title: { en: A, zh: 甲 }
datasets: [d]
access: []
template: metered
with:
  until: 2026-12-31
`
const withTemplate = (offer: string, template = TEMPLATE) =>
  readAll({ 'offers/a.yaml': offer, 'templates/metered.yaml': template })

describe('an offer from a template', () => {
  it('has its rules, with values in the place of parameters', () => {
    const set = withTemplate(OFFER)
    expect(mistakes(set)).toEqual([])
    expect(set.offers[0]?.rules).toEqual({
      permission: [
        {
          action: 'use',
          constraint: [
            { leftOperand: 'count', operator: 'lteq', rightOperand: '10' },
            { leftOperand: 'dateTime', operator: 'lteq', rightOperand: '2026-12-31T23:59:59+08:00' },
            { leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: ['VN', 'CN'] },
          ],
        },
      ],
    })
  })

  it('keeps beside the rules what it was made from, and what is carried with the agreement', () => {
    expect(withTemplate(OFFER).metadata.get('a')).toMatchObject({
      template: { id: 'metered', version: '2', with: { times: '10', until: '2026-12-31', places: ['CN'] } },
      annex: { until: '2026-12-31' },
    })
  })

  it('begins and ends days in the time zone of the folder', () => {
    const set = readAll({
      'offers/a.yaml': OFFER,
      'templates/metered.yaml': TEMPLATE.replace('dateTime: { lteq:', 'dateTime: { gteq:'),
      'defaults.yaml': 'timezone: Europe/Paris\n',
    })
    expect(set.offers[0]?.rules.permission?.[0]?.constraint?.[1]).toMatchObject({
      rightOperand: '2026-12-31T00:00:00+01:00',
    })
  })

  it('and with rules of its own must hold both', () => {
    const own = `${OFFER}permission:
  - action: read
    constraint: [purpose: { isAnyOf: [x] }]
prohibition:
  - action: distribute
`
    const set = withTemplate(own)
    expect(mistakes(set)).toEqual([])
    const [permission, ...others] = set.offers[0]?.rules.permission ?? []
    expect(others).toEqual([])
    expect(permission?.action).toBe('read')
    expect(permission?.constraint).toHaveLength(4)
    expect(set.offers[0]?.rules.prohibition).toHaveLength(1)
  })

  it('is refused where nothing is permitted by both', () => {
    const set = withTemplate(`${OFFER}permission:\n  - action: transfer\n`)
    expect(mistakes(set)).toEqual(['offers/a.yaml:5:11 conflict-void'])
  })

  it('ends when its values say so', () => {
    const { later } = withTemplate(OFFER)
    expect(later.map(({ finding }) => told([finding])[0])).toContain('offers/a.yaml:7:10 expired')
  })

  // prettier-ignore
  it.each<[string, string, string]>([
    ['a value of another type',        OFFER.replace('2026-12-31', 'soon'),                      '7:10 template-param'],
    ['a day that there is not',        OFFER.replace('2026-12-31', '2026-02-30'),                '7:10 template-param'],
    ['a value above the greatest',     `${OFFER}  times: 101\n`,                                 '8:10 template-param'],
    ['a value below the least',        `${OFFER}  times: 0\n`,                                   '8:10 template-param'],
    ['one wrong value of a list',      `${OFFER}  places: [SG, XX]\n`,                           '8:16 template-param'],
    ['a value that is no list',        `${OFFER}  places: SG\n`,                                 '8:11 template-param'],
    ['an empty list',                  `${OFFER}  places: []\n`,                                 '8:11 template-param'],
    ['a parameter that there is not',  `${OFFER}  tiems: 5\n`,                                   '8:3 template-param'],
    ['no value where there must be',   OFFER.replace('until: 2026-12-31', 'times: 5'),           '7:3 template-param'],
    ['no values at all',               OFFER.replace(/with:[^]*/, ''),                           '5:11 template-param'],
    ['a template that there is not',   OFFER.replace('metered', 'meterd'),                       '5:11 unknown-template'],
    ['values without a template',      OFFER.replace('template: metered\n', ''),                 '5:1 form'],
  ])('finds %s at its place', (_what, offer, place) => {
    const set = withTemplate(offer)
    expect(mistakes(set)).toContain(`offers/a.yaml:${place}`)
    expect(set.offers).toEqual([])
  })

  it('names the parameter that was meant', () => {
    const hints = withTemplate(`${OFFER}  tiems: 5\n`).findings.map(({ hint }) => hint)
    expect(hints).toContain('did you mean `times`?')
  })

  it('is told where a value does not do, though it is of its type', () => {
    const template = `template: t
parameters: { what: { type: text } }
policy:
  permission:
    - action: use
      constraint:
        - tds:frequency: { lteq: { param: what } }
`
    const offer = OFFER.replace(/template:[^]*/, 'template: t\nwith: { what: often }\n')
    const set = readAll({ 'offers/a.yaml': offer, 'templates/t.yaml': template })
    expect(mistakes(set)).toEqual(['offers/a.yaml:6:15 template-param'])
    const good = readAll({ 'offers/a.yaml': offer.replace('often', '10/P1D'), 'templates/t.yaml': template })
    expect(mistakes(good)).toEqual([])
  })

  it('is read again when the template changes, and only then', async () => {
    const { readInSteps } = await import('../../../../src/config/policies/read-policy-folder.ts')
    const files = (template: string) => [
      { path: 'offers/a.yaml', text: OFFER },
      { path: 'offers/b.yaml', text: 'offer: b\ndatasets: [d]\npermission: [{ action: use }]\n' },
      { path: 'templates/metered.yaml', text: template },
    ]
    const stepsOf = (reading: ReturnType<typeof readInSteps>) => {
      const steps: string[] = []
      for (let step = reading.next(); ; step = reading.next()) {
        if (step.done === true) return { steps, ...step.value }
        steps.push(step.value)
      }
    }
    const once = stepsOf(readInSteps(files(TEMPLATE), new Map()))
    expect(once.steps).toEqual(['read', 'read', 'read'])
    const again = stepsOf(readInSteps(files(TEMPLATE), once.remembered))
    expect(again.steps).toEqual(['remembered', 'remembered', 'remembered'])
    const changed = stepsOf(readInSteps(files(TEMPLATE.replace('default: 10', 'default: 11')), again.remembered))
    expect(changed.steps).toEqual(['read', 'read', 'remembered'])
    expect(changed.set.offers[0]?.rules.permission?.[0]?.constraint?.[0]).toMatchObject({ rightOperand: '11' })
  })
})

describe('a template', () => {
  it('is found in the set, with its parameters', () => {
    const [template] = readAll({ 'templates/metered.yaml': TEMPLATE }).templates
    expect(template).toMatchObject({
      id: 'metered',
      basis: [
        { title: 'Some law', url: null },
        { title: 'Another', url: 'https://law.example' },
      ],
      parameters: {
        times: { type: 'integer', isList: false, default: '10', min: '1', max: '100', isRequired: false },
        until: { type: 'date', default: null },
        places: { type: 'place', isList: true, default: ['CN'] },
      },
    })
  })

  // prettier-ignore
  it.each<[string, string, string]>([
    ['an unknown type',                         TEMPLATE.replace('type: date', 'type: day'),                    '8:18 form'],
    ['a default that does not fit',             TEMPLATE.replace('default: 10', 'default: 1000'),               '7:36 template-param'],
    ['a bound of another type',                 TEMPLATE.replace('max: 100', 'max: many'),                      '7:53 template-param'],
    ['a parameter that nothing uses',           TEMPLATE.replace('policy:', '  more: { type: text }\npolicy:'), '10:3 template-param'],
    ['a parameter that there is not',           TEMPLATE.replace('param: times', 'param: tmes'),                '14:26 template-param'],
    ['an operand that there is not',            TEMPLATE.replace('count:', 'cuont:'),                           '14:11 unknown-operand'],
    ['a parameter where another type belongs',  TEMPLATE.replace('count: { lteq: { param: times', 'elapsedTime: { lteq: { param: times'), '14:32 value-type'],
    ['an unknown key',                          TEMPLATE.replace('basis:', 'bases:'),                           '4:1 unknown-key'],
    ['no rules',                                TEMPLATE.replace(/policy:[^]*/, ''),                            '1:1 missing'],
  ])('is found to have %s', (_what, template, place) => {
    expect(mistakes(readAll({ 'templates/metered.yaml': template }))).toContain(`templates/metered.yaml:${place}`)
  })

  it('is to be reviewed by the end of a day', () => {
    const { later } = readAll({ 'templates/metered.yaml': TEMPLATE })
    expect(later).toMatchObject([
      { from: Date.parse('2027-05-20T23:59:59+08:00'), finding: { code: 'review-overdue', line: 5 } },
    ])
  })

  it('may be JSON', () => {
    const text = JSON.stringify({
      template: 'j',
      parameters: { times: { type: 'integer' } },
      policy: {
        permission: [
          { action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: { param: 'times' } }] },
        ],
      },
    })
    const offer = OFFER.replace(/template:[^]*/, 'template: j\nwith: { times: 5 }\n')
    const set = readAll({ 'offers/a.yaml': offer, 'templates/j.json': text })
    expect(mistakes(set)).toEqual([])
    expect(set.offers[0]?.rules.permission?.[0]?.constraint).toHaveLength(1)
  })
})

describe('a guardrail', () => {
  const RAIL = `guardrail: site
title: { en: Site, zh: 站点 }
datasets: ['urn:*']
parties: [spatial: { isAnyOf: [CN] }]
prohibition:
  - action: distribute
`

  it('stands over everything, with paths that name it', () => {
    const set = readAll({ 'guardrails/site.yaml': RAIL })
    expect(told(set.findings)).toEqual([])
    expect(set.guardrails).toMatchObject([
      {
        id: 'site',
        title: { en: 'Site', zh: '站点' },
        datasets: [{ kind: 'glob', pattern: 'urn:*' }],
        parties: [{ left: 'spatial', path: 'parties[0]' }],
        policy: { prohibitions: [{ path: 'guardrail[site].prohibition[0]', action: 'distribute' }] },
        file: 'guardrails/site.yaml',
      },
    ])
  })

  it('needs neither datasets nor parties', () => {
    const set = readAll({ 'guardrails/site.yaml': 'guardrail: site\nprohibition: [{ action: use }]\n' })
    expect(set.guardrails).toMatchObject([{ datasets: [], parties: [] }])
  })

  it('may be made from a template', () => {
    const set = readAll({
      'guardrails/site.yaml': 'guardrail: site\ntemplate: metered\nwith: { until: 2026-12-31 }\n',
      'templates/metered.yaml': TEMPLATE,
    })
    expect(mistakes(set)).toEqual([])
    expect(set.guardrails[0]?.policy.permissions).toHaveLength(1)
  })

  it('may be plain ODRL', () => {
    const text = JSON.stringify({
      '@type': 'Set',
      uid: 'urn:rail',
      target: 'd',
      prohibition: [{ action: 'use', target: 'd' }],
    })
    const set = readAll({ 'guardrails/site.jsonld': text.replace(',"target":"d"}]', '}]') })
    expect(mistakes(set)).toEqual([])
    expect(set.guardrails).toMatchObject([{ id: 'urn:rail', datasets: [{ kind: 'id', id: 'd' }] }])
  })

  // prettier-ignore
  it.each<[string, string, string]>([
    ['no id',                    RAIL.replace('guardrail: site\n', ''),                   '1:1 missing'],
    ['an id that breaks paths',  RAIL.replace('site\n', '"a b"\n'),                       '1:12 form'],
    ['obligations',              `${RAIL}obligation:\n  - action: inform\n`,              '7:1 unknown-key'],
    ['no rules',                 RAIL.replace(/prohibition[^]*/, ''),                     '1:1 form'],
    ['parties by what is not known of them', RAIL.replace('spatial: { isAnyOf: [CN] }', 'count: { lteq: 2 }'), '4:11 unknown-operand'],
  ])('is found to have %s', (_what, text, place) => {
    const set = readAll({ 'guardrails/site.yaml': text })
    expect(mistakes(set)[0]).toBe(`guardrails/site.yaml:${place}`)
    expect(set.guardrails).toEqual([])
  })
})

describe('inheritance', () => {
  const offer = (id: string, parents: string, more = '') =>
    `offer: ${id}\ntitle: { en: x, zh: x }\ndatasets: [d]\naccess: []\n${parents === '' ? '' : `inheritFrom: [${parents}]\n`}${more}`
  const RULE = 'permission:\n  - action: read\n'

  it('adds the rules of the parents, at any depth', () => {
    const set = readAll({
      'offers/a.yaml': offer('a', 'b', 'prohibition:\n  - action: distribute\n'),
      'offers/b.yaml': offer('b', 'c', RULE),
      'offers/c.yaml': offer('c', '', 'permission:\n  - action: play\n'),
    })
    expect(mistakes(set)).toEqual([])
    expect(set.offers[0]?.rules).toEqual({
      permission: [{ action: 'read' }, { action: 'play' }],
      prohibition: [{ action: 'distribute' }],
    })
    expect(set.offers[0]?.policy.permissions).toHaveLength(2)
  })

  it('of nothing but a parent is a copy of it', () => {
    const set = readAll({ 'offers/a.yaml': offer('a', 'b'), 'offers/b.yaml': offer('b', '', RULE) })
    expect(mistakes(set)).toEqual([])
    expect(sameRules(set.offers[0]?.rules ?? {}, set.offers[1]?.rules ?? {})).toBe(true)
  })

  it('in a circle is found', () => {
    const set = readAll({ 'offers/a.yaml': offer('a', 'b', RULE), 'offers/b.yaml': offer('b', 'a', RULE) })
    expect(mistakes(set)).toContain('offers/b.yaml:5:15 inherit-cycle')
    expect(set.offers).toEqual([])
  })

  it.each([
    ['from itself', 'a', 'inherit-cycle'],
    ['from nobody', 'c', 'unknown-parent'],
  ])('%s is found', (_what, parent, code) => {
    expect(mistakes(readAll({ 'offers/a.yaml': offer('a', parent, RULE) }))).toEqual([`offers/a.yaml:5:15 ${code}`])
  })

  it('of two strategies for conflicts is refused', () => {
    const set = readAll({
      'offers/a.yaml': offer('a', 'b', `conflict: perm\n${RULE}`),
      'offers/b.yaml': offer('b', '', `conflict: prohibit\n${RULE}`),
    })
    expect(mistakes(set)).toEqual(['offers/a.yaml:5:15 conflict-void'])
  })

  it('works in plain ODRL too', () => {
    const text = JSON.stringify({
      '@type': 'Offer',
      uid: 'j',
      target: 'd',
      inheritFrom: 'b',
      ...{ prohibition: [{ action: 'distribute' }] },
    })
    const set = readAll({ 'offers/a.json': text, 'offers/b.yaml': offer('b', '', RULE) })
    expect(mistakes(set)).toEqual([])
    expect(set.offers[0]?.rules.permission).toEqual([{ action: 'read' }])
  })
})

describe('a mistake is told once, where it is:', () => {
  const RULE = 'permission: [{ action: use }]\n'
  const broken = 'permission: [{ action: dance }]\n'

  // prettier-ignore
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['of a template, not of who uses it', { 'templates/t.yaml': `template: t\npolicy: { ${broken.trim()} }\n`, 'offers/a.yaml': 'offer: a\ndatasets: [d]\ntemplate: t\n' }, 'templates/t.yaml:2:34 unknown-action'],
    ['of a parent, not of who inherits',  { 'offers/b.yaml': `offer: b\ndatasets: [d]\n${broken}`, 'offers/a.yaml': `offer: a\ndatasets: [d]\ninheritFrom: b\n${RULE}` }, 'offers/b.yaml:3:24 unknown-action'],
    ['of an offer, not of its tests',     { 'offers/a.yaml': `offer: a\ndatasets: [d]\n${broken}`, 'tests/a.test.yaml': 'offer: a\ncases: [{ name: x, expect: permit }]\n' }, 'offers/a.yaml:3:24 unknown-action'],
  ])('%s', (_what, files, place) => {
    expect(mistakes(readAll(files))).toEqual([place])
  })
})

it('annex, settlement and values together have a limit, because every agreement carries them', () => {
  const template = (chars: number): string =>
    `template: t\npolicy: { permission: [{ action: use }] }\nannex: { text: "${'x'.repeat(chars)}" }\n`
  const codes = (chars: number): readonly string[] =>
    told(
      readAll({
        'templates/t.yaml': template(chars),
        'offers/a.yaml': 'offer: a\ndatasets: [d]\naccess: []\ntemplate: t\n',
      }).findings,
    )
  expect(codes(33_000)).toContain('offers/a.yaml:4:11 over-limit')
  expect(codes(32_000).join()).not.toContain('over-limit')
})
