// What a run says: a line for each figure that was measured, held against its target.

import { describe, expect, test } from 'vitest'
import { tableOf, verdictsOn, type Figures } from '../../bench/report.ts'

const NEGOTIATION: Figures['negotiation'] = {
  p50Ms: 12,
  p99Ms: 60,
  perSecond: 100,
  floorPerSecond: 400,
  ratio: 0.25,
  floorP50Ms: 5,
  at16: { p50Ms: 90, p99Ms: 130 },
  cpuMs: { provider: 3.5, consumer: null },
  samples: 500,
}

describe('the verdicts', () => {
  test('speak only of what was measured', () => {
    expect(verdictsOn({})).toEqual([])
    const figures = verdictsOn({ policy: { perSecond: 1 } }).map(({ figure }) => figure)
    expect(figures).toEqual(['policy decisions, one core'])
  })

  test('leave out what this system cannot tell', () => {
    const figures = verdictsOn({ negotiation: NEGOTIATION }).map(({ figure }) => figure)
    expect(figures).toContain('negotiation, CPU of the provider')
    expect(figures).not.toContain('negotiation, CPU of the consumer')
  })

  test.each([
    ['negotiation, 1 in flight, p50', '≤ 15', true],
    ['negotiation, 1 in flight, p99', '≤ 50', false],
    ['negotiations, 16 in flight', '≥ 100', true],
    ['negotiation, 16 in flight, p99', null, null],
  ])('hold %s against %s: %s', (figure, target, met) => {
    const verdict = verdictsOn({ negotiation: NEGOTIATION }).find((each) => each.figure === figure)
    expect(verdict).toMatchObject({ target, met })
  })

  test('hold the first byte against the direct one', () => {
    const firstByte = { p50Ms: 5, directP50Ms: 1.5, p99Ms: 9, fileBytes: 1024, samples: 10 }
    expect(verdictsOn({ firstByte })).toMatchObject([{ value: 3.5, floor: 1.5, met: false }])
  })

  test('name no figure twice', () => {
    const figures = verdictsOn({ negotiation: NEGOTIATION, policy: { perSecond: 1 } }).map(({ figure }) => figure)
    expect(new Set(figures).size).toBe(figures.length)
  })
})

test('the table has figure, value, floor, ratio, target and whether it is met', () => {
  const lines = tableOf(verdictsOn({ negotiation: NEGOTIATION })).split('\n')
  expect(lines[0]?.split(/ {2,}/)).toEqual(['figure', 'value', 'unit', 'floor', 'ratio', 'target', 'met'])
  expect(lines[2]).toMatch(/^negotiation, 1 in flight, p99 +60 {2}ms .*≤ 50 +NO$/)
  expect(lines[3]).toMatch(/^negotiations, 16 in flight +100 {2}\/s +400 +0\.25 +≥ 100 +yes$/)
})
