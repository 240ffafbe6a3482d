// Formatting a policy file: what is formatted stays as it is, and means what it meant, however it was written.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Document, isMap, isScalar, isSeq, visit } from 'yaml'
import { formatPolicy } from '../../src/config/policies/format.ts'
import { readPolicyFolder } from '../../src/config/policies/read-policy-folder.ts'

const shuffled = (object: Readonly<Record<string, unknown>>) =>
  fc
    .shuffledSubarray(Object.keys(object), { minLength: Object.keys(object).length })
    .map((keys) => Object.fromEntries(keys.map((key) => [key, object[key]])))

const atomic = fc
  .constantFrom<readonly [string, string, unknown, string?]>(
    ['count', 'lteq', 10],
    ['count', 'lt', '7'],
    ['spatial', 'isAnyOf', ['CN', 'NO', 'CN-45']],
    ['spatial', 'eq', 'VN'],
    ['payAmount', 'eq', '10.00', 'CNY'],
    ['dateTime', 'lt', '2031-12-31T23:59:59+08:00'],
    ['elapsedTime', 'lteq', 'P90D'],
    ['purpose', 'isA', 'true'],
    ['tds:dailyWindow', 'isPartOf', 'Mon-Fri 09:00-17:00 Asia/Shanghai'],
    ['tds:role', 'isAnyOf', ['a: b', '# c', '1', '- d', 'e, f', ' g ']],
  )
  .chain(([left, operator, right, unit]) => {
    const beside = unit === undefined ? {} : { unit }
    const long = shuffled({ leftOperand: left, operator, rightOperand: right, ...beside })
    const short = shuffled({ [operator]: right, ...beside }).map((comparison) => ({ [left]: comparison }))
    return fc.oneof(long, short)
  })

const { constraint } = fc.letrec<{ readonly constraint: unknown }>((tie) => ({
  constraint: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atomic,
    fc
      .tuple(fc.constantFrom('and', 'or', 'xone'), fc.array(tie('constraint'), { minLength: 1, maxLength: 3 }))
      .map(([operator, of]) => ({ [operator]: of })),
  ),
}))

const constraints = fc.array(constraint, { minLength: 1, maxLength: 3 })
const duty = constraints.chain((list) => shuffled({ action: 'delete', within: 'P7D', constraint: list }))
const rule = fc
  .tuple(constraints, fc.array(duty, { minLength: 1, maxLength: 2 }))
  .chain(([list, duties]) => shuffled({ action: 'use', constraint: list, duty: duties }))
const offer = fc.tuple(fc.array(rule, { minLength: 1, maxLength: 2 }), constraints).chain(([permission, list]) =>
  shuffled({
    offer: 'a',
    version: '1.0',
    title: { zh: '天气', en: 'Weather: hourly' },
    datasets: ['urn:dataset:*', { theme: 'weather' }],
    access: [],
    permission,
    prohibition: [{ constraint: list, action: 'distribute' }],
    automation: { onRequested: 'manual' },
  }),
)

/** The same values in one of the many ways in which YAML can write them, with comments here and there. */
const written = fc.tuple(offer, fc.infiniteStream(fc.nat({ max: 5 }))).map(([value, choices]) => {
  const next = (): number => (choices.next().value as number | undefined) ?? 0
  const document = new Document(value)
  visit(document, {
    Collection: (_key, node) => {
      if (next() === 0 && (isMap(node) || isSeq(node))) node.flow = true
    },
    Scalar: (_key, node) => {
      const choice = next()
      if (typeof node.value === 'string' && choice < 2) node.type = choice === 0 ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE'
    },
    Pair: (_key, { key, value: node }) => {
      if (isScalar(key) && next() === 0) key.commentBefore = ' said of what follows'
      else if (isScalar(node) && next() === 0) node.comment = ' said of this'
    },
  })
  return document.toString()
})

const digestOf = (text: string) => {
  const { offers, findings } = readPolicyFolder([{ path: 'offers/a.yaml', text }])
  return offers[0]?.digest ?? JSON.stringify(findings)
}
const format = (text: string): string => {
  const formatted = formatPolicy({ path: 'offers/a.yaml', text })
  return formatted.ok ? formatted.text : `refused: ${JSON.stringify(formatted.findings)}`
}
const commentsIn = (text: string): number => text.match(/# said of/g)?.length ?? 0

describe('a policy file', () => {
  it('once formatted is formatted to itself', () => {
    fc.assert(
      fc.property(written, (text) => {
        const once = format(text)
        expect(format(once)).toBe(once)
      }),
      { numRuns: 100 },
    )
  })

  it('means the same when it is formatted, and keeps every comment', () => {
    fc.assert(
      fc.property(written, (text) => {
        expect(digestOf(text)).toMatch(/^sha-256:/)
        expect(digestOf(format(text))).toBe(digestOf(text))
        expect(commentsIn(format(text))).toBe(commentsIn(text))
      }),
      { numRuns: 100 },
    )
  })
})
