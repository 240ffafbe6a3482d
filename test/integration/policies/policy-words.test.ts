// `lingqu policy render`, `explain`, `import` and `export`, on files and nothing else.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, type PoliciesFolder } from '../../fixtures/policies-folder.ts'
import { lingqu, type Line } from '../cli-line.ts'

const OFFER = `offer: metered
title: { en: Metered, zh: 计量数据 }
datasets: ["urn:d:1"]
access: [ { spatial: { isAnyOf: [CN, VN] } } ]
permission:
  - action: read
    constraint:
      - count: { lteq: 2 }
      - spatial: { isAnyOf: [CN, VN] }
    duty:
      - action: compensate
        constraint: [ { payAmount: { eq: "500", unit: CNY } } ]
prohibition:
  - action: distribute
`
const RAIL = `guardrail: no-resale
title: { en: No resale, zh: 不得转售 }
prohibition:
  - action: read
    constraint: [ { tds:role: { eq: reseller } } ]
`
const REGIONS = `regions:
  CN-45: { title: { en: Guangxi, zh: 广西 }, within: CN }
`

let folder: PoliciesFolder
beforeEach(() => {
  folder = makeFolder()
  folder.write('offers/metered.yaml', OFFER)
  folder.write('guardrails/no-resale.yaml', RAIL)
})
afterEach(() => folder.discard())

function run(...words: readonly string[]): Promise<Line> {
  return lingqu(['policy', ...words], {
    LINGQU_POLICIESDIR: folder.path,
    LINGQU_CONFIG: join(folder.path, 'none.yaml'),
  })
}

const offer = (): string => join(folder.path, 'offers/metered.yaml')
const text = ({ stdout }: Line): string => stdout.toString().trimEnd()

describe('policy render', () => {
  it('says a policy in both languages, and the same each time', async () => {
    const [first, second] = [
      await run('render', offer(), '--lang', 'both'),
      await run('render', offer(), '--lang', 'both'),
    ]

    expect(first.exit).toBe(0)
    expect(text(first)).toContain('使用方可以读取')
    expect(text(first)).toContain('The consumer may read the data')
    expect(text(second)).toBe(text(first))
  })

  it('says every policy of the folder, with titles of its vocabulary', async () => {
    folder.write('vocab/regions.yaml', REGIONS)
    folder.write('offers/gx.yaml', OFFER.replace('offer: metered', 'offer: gx').replaceAll('[CN, VN]', '[CN-45]'))
    const { documents } = (await run('render', folder.path, '--lang', 'zh', '--json')).json() as {
      documents: readonly { id: string; kind: string; language: string; sections: unknown }[]
    }

    expect(documents.map(({ id, kind }) => [id, kind])).toEqual([
      ['no-resale', 'guardrail'],
      ['gx', 'offer'],
      ['metered', 'offer'],
    ])
    expect(JSON.stringify(documents[1])).toContain('广西（CN-45）')
  })

  it('says a template with its parameters by their titles', async () => {
    folder.write(
      'templates/few.yaml',
      `template: few
version: "1"
title: { en: Few uses, zh: 少量使用 }
description: { en: A few uses., zh: 少量使用。 }
basis: [none]
lastReviewed: 2026-01-01
reviewBy: 2099-01-01
disclaimer: { en: No advice., zh: 非法律意见。 }
parameters: { times: { type: integer, default: 3, title: { en: uses, zh: 次数 } } }
policy: { permission: [ { action: read, constraint: [ { count: { lteq: { param: times } } } ] } ] }
`,
    )

    expect(text(await run('render', join(folder.path, 'templates/few.yaml'), '--lang', 'zh'))).toContain(
      '使用次数不超过 ‹次数: 3› 次',
    )
  })

  it('writes a page of HTML in which values are only text', async () => {
    folder.write('offers/metered.yaml', OFFER.replace('Metered', '"<script>x</script>"'))
    const html = text(await run('render', offer(), '--html', '--lang', 'en'))

    expect(html).toContain('&lt;script&gt;x&lt;/script&gt;')
    expect(html).not.toContain('<script>')
  })

  // prettier-ignore
  it.each([
    [['--lang', 'fr'],            'expected --lang zh, en or both, got fr'],
    [['--md', '--html'],          '--md and --html are two formats'],
    [['--timezone', 'Mars/Nix'],  'there is no time zone Mars/Nix'],
  ])('is not understood with %j', async (words, message) => {
    const line = await run('render', offer(), ...words)

    expect([line.exit, text(line)]).toEqual([2, ''])
    expect(line.stderr).toContain(message)
  })

  it('says what is wrong with files instead of half of what they say', async () => {
    folder.write('offers/broken.yaml', 'offer: broken\ndatasets: ["urn:d:2"]\npermission: [ { action: juggle } ]\n')
    const line = await run('render', offer())

    expect([line.exit, text(line)]).toEqual([1, ''])
    expect(line.stderr).toMatch(/broken\.yaml:3:\d+/)
  })
})

describe('policy explain', () => {
  const asked = ['--peer', 'did:web:x.example', '--at', '2026-06-01T00:00:00Z', '--lang', 'en']

  it('shows each clause with its sign, its fact and its place', async () => {
    const line = await run('explain', offer(), ...asked, '--given', 'spatial=TH', '--given', 'role=buyer')

    expect(line.exit).toBe(0)
    expect(text(line)).toBe(`metered  (${offer()})
  did:web:x.example  start  2026-06-01T00:00:00.000Z
  DENY: spatial isAnyOf CN, VN does not hold: the participant's country is TH  (permission[0].constraint[1])
  ✘ contract
    ✘ The consumer may read the data  (permission[0])
      ✔ at most 2 uses — this would be use 1  (permission[0].constraint[0])
      ✘ country or region: one of China (CN), Vietnam (VN) — the participant's country is Thailand (TH)  (permission[0].constraint[1])
      ✘ duty: pay for the data  (permission[0].duty[0])
        ? amount paid: exactly 500 CNY — nothing is known of it  (permission[0].duty[0].constraint[0])
    · The consumer must not distribute the data (about something else)  (prohibition[0])
  ✔ guardrail no-resale
    ✔ The consumer must not read the data (does not apply)  (guardrail[no-resale].prohibition[0])
      ✘ role of the participant: reseller — role of the participant: buyer  (guardrail[no-resale].prohibition[0].constraint[0])`)
  })

  it('says what would have to be otherwise, in both languages', async () => {
    const words = ['explain', offer(), ...asked, '--given', 'spatial=TH', '--given', 'role=buyer', '--why-not']
    const { offers } = (await run(...words, '--json')).json() as { offers: readonly { whyNot: unknown }[] }

    expect(offers[0]?.whyNot).toEqual({
      isCut: false,
      repairs: [
        {
          en: 'would permit if country or region were China (CN) or Vietnam (VN) and the duty compensate (amount paid: exactly 500 CNY) were fulfilled',
          zh: '如果国家或地区为中国（CN）或越南（VN），且已履行“补偿（支付金额等于 500 CNY）”义务，则会允许',
          changes: [
            { path: 'permission[0].constraint[1]', fact: 'known:spatial', values: ['CN', 'VN'] },
            { path: 'permission[0].duty[0]', fact: 'duty:permission[0].duty[0]', values: ['fulfilled'] },
          ],
        },
      ],
    })
    expect(text(await run(...words))).toContain('  → would permit if country or region were')
  })

  it('permits once those facts are given, by a file or one by one', async () => {
    const file = join(folder.path, 'facts.txt')
    writeFileSync(
      file,
      JSON.stringify({ spatial: 'VN', 'tds:role': ['buyer'], duties: { 'permission[0].duty[0]': 'fulfilled' } }),
    )
    const given = ['spatial=VN', 'role=buyer', 'duty:permission[0].duty[0]=fulfilled'].flatMap((each) => [
      '--given',
      each,
    ])

    expect(text(await run('explain', offer(), ...asked, '--given', file))).toContain('  PERMIT\n')
    expect(text(await run('explain', '--dataset', 'urn:d:1', ...asked, ...given))).toContain('  PERMIT\n')
  })

  it('asks those rules of the site that are about the dataset, by what is given of it', async () => {
    folder.write(
      'guardrails/core.yaml',
      'guardrail: core\ntitle: { en: Core, zh: 核心 }\ndatasets: [ { dataGrade: core } ]\nprohibition: [ { action: use } ]\n',
    )
    const asks = (grade: string): Promise<Line> => run('explain', offer(), ...asked, '--given', `dataGrade=${grade}`)

    expect(text(await asks('core'))).toContain('✘ guardrail core')
    expect(text(await asks('general'))).not.toContain('guardrail core')
  })

  it('asks who may see the offer before there is an agreement', async () => {
    const line = await run('explain', offer(), '--peer', 'did:web:x', '--phase', 'catalogue', '--lang', 'zh')

    expect(text(line)).toContain(
      '拒绝：“国家或地区为以下之一：中国（CN）、越南（VN）”无法核实：参与方所在国家或地区未知  (access[0])',
    )
  })

  // prettier-ignore
  it.each([
    [['--peer', 'did:x'],                                    '`policy explain` needs --peer, and a FILE or --dataset'],
    [['--dataset', 'urn:d:1'],                               '`policy explain` needs --peer'],
    [['--dataset', 'urn:d:1', '--peer', 'd', '--phase', 'x'], '--phase: expected one of catalogue'],
    [['--dataset', 'urn:d:1', '--peer', 'd', '--at', 'now'], '--at: expected a date and time with a zone'],
    [['--dataset', 'urn:d:1', '--peer', 'd', '--action', 'reed'], 'did you mean `read`?'],
    [['--dataset', 'urn:d:1', '--peer', 'd', '--given', 'memberhsip=active'], 'did you mean `membership`?'],
    [['--dataset', 'urn:d:1', '--peer', 'd', '--given', 'used=-1'], 'used: expected a whole number'],
    [['--dataset', 'urn:d:1', '--peer', 'd', '--given', 'no-such-file'], 'expected key=value, or a file that can be read'],
    [['--dataset', 'urn:d:1', '--peer', 'd', '--given', 'duty:x=perhaps'], 'duty:x: expected nonset, fulfilled, violated, late'],
  ])('is not understood with %j', async (words, message) => {
    const line = await run('explain', ...words)

    expect([line.exit, text(line)]).toEqual([2, ''])
    expect(line.stderr).toContain(message)
  })

  it('says that no offer stands on a dataset', async () => {
    const line = await run('explain', '--dataset', 'urn:d:9', '--peer', 'did:x')

    expect(line.exit).toBe(1)
    expect(line.stderr).toContain('no offer selects the dataset urn:d:9 by its id')
  })
})

describe('policy export and import', () => {
  it('goes to the Chinese digital contract and back, and stays the same offer', async () => {
    const exported = await run('export', '--profile', 'tc609', offer())
    expect([exported.exit, exported.stderr]).toEqual([0, ''])
    folder.write('../their.json', text(exported))

    const imported = await run(
      'import',
      '--profile',
      'tc609',
      join(folder.path, '../their.json'),
      '--dataset',
      'urn:d:1',
    )
    expect([imported.exit, imported.stderr]).toEqual([0, ''])
    folder.write('offers/metered.yaml', text(imported))

    expect(text(await run('export', '--profile', 'tc609', offer()))).toBe(text(exported))
    folder.remove('../their.json')
  })

  it('writes nothing once anything was refused, and names it', async () => {
    folder.write('offers/metered.yaml', OFFER.replace('action: read', 'action: use'))
    const line = await run('export', '--profile', 'tc609', offer())

    expect([line.exit, text(line)]).toEqual([1, ''])
    expect(line.stderr).toMatch(/refused {2}permission\[0\]\.action {2}unknown-action: use is broader/)
    expect((await run('export', '--profile', 'tc609', offer(), '--json')).json()).toMatchObject({
      converted: null,
      refused: [{ path: 'permission[0].action', code: 'unknown-action' }],
      changed: [],
    })
  })

  it('writes the other rules where that is asked for, and still fails', async () => {
    folder.write('offers/metered.yaml', OFFER.replace('action: read', 'action: use'))
    const line = await run('export', '--profile', 'tc609', offer(), '--partial')

    expect(line.exit).toBe(1)
    expect(line.json()).toMatchObject({ prohibitions: [{ action: 'distribute' }] })
    expect(line.stderr).toContain('PARTIAL')
  })

  it('refuses by name what would not be enforced here, also in a policy that is well formed', async () => {
    const file = join(folder.path, 'their.txt')
    const constraint = { name: 'frequency', operator: '01', value: '10/P1D' }
    writeFileSync(file, JSON.stringify({ policyId: 'p', permissions: [{ action: 'read', constraints: [constraint] }] }))
    const line = await run('import', '--profile', 'tc609', file)

    expect([line.exit, text(line)]).toEqual([1, ''])
    expect(line.stderr).toMatch(
      /refused {2}permissions\[0\]\.constraints\[0\]\.operator {2}value: tds:frequency does not take eq/,
    )
  })

  it('reads no JSON in which a key stands twice', async () => {
    const file = join(folder.path, 'their.txt')
    writeFileSync(file, '{"policyId":"p","permissions":[{"action":"read"}],"permissions":[]}')
    const line = await run('import', '--profile', 'tc609', file)

    expect(line.exit).toBe(1)
    expect(line.stderr).toContain('body.duplicate-key')
  })

  it('needs a profile that is known', async () => {
    expect((await run('export', offer())).exit).toBe(2)
    expect((await run('import', '--profile', 'catenax', offer())).stderr).toContain(
      'expected --profile tc609, got catenax',
    )
  })
})
