// The text that Prometheus reads, and that no label says anything that is not listed.

import { describe, expect, test } from 'vitest'
import { createRegistry } from '../../../src/telemetry/registry.ts'

describe('a counter', () => {
  test('adds up, one sum for each set of labels, in the format of Prometheus', () => {
    const { counter, expose } = createRegistry()
    const count = counter({ name: 'x_total', help: 'What is counted', labels: { by: ['a', 'b'] } })

    count({ by: 'a' })
    count({ by: 'b' }, 2.5)
    count({ by: 'a' })

    expect(expose()).toBe(
      '# HELP x_total What is counted\n# TYPE x_total counter\nx_total{by="a"} 2\nx_total{by="b"} 2.5\n',
    )
  })

  test('says nothing as long as nothing was counted', () => {
    const { counter, expose } = createRegistry()
    counter({ name: 'x_total', help: 'x', labels: {} })
    expect(expose()).toBe('')
  })

  test('counts what is not listed as other: nothing from outside becomes a label, and it does not grow', () => {
    const { counter, expose } = createRegistry()
    const count = counter({ name: 'x_total', help: 'x', labels: { by: ['a'], of: ['b'] } })

    for (let n = 0; n < 1_000; n++) count({ by: `did:web:peer-${String(n)}.example"} 1\nevil 1`, of: 'b' })

    expect(expose().split('\n').slice(2)).toEqual(['x_total{by="other",of="b"} 1000', ''])
  })
})

describe('a histogram', () => {
  test('counts a value in every bucket whose bound it does not exceed, and sums', () => {
    const { histogram, expose } = createRegistry()
    const observe = histogram({ name: 'x_seconds', help: 'x', labels: { by: ['a'] }, buckets: [0.1, 1] })

    for (const value of [0.05, 0.1, 0.5, 7]) observe({ by: 'a' }, value)

    expect(expose().split('\n').slice(2, -1)).toEqual([
      'x_seconds_bucket{by="a",le="0.1"} 2',
      'x_seconds_bucket{by="a",le="1"} 3',
      'x_seconds_bucket{by="a",le="+Inf"} 4',
      'x_seconds_sum{by="a"} 7.65',
      'x_seconds_count{by="a"} 4',
    ])
  })

  test('without labels has the bound as its only one', () => {
    const { histogram, expose } = createRegistry()
    histogram({ name: 'x_seconds', help: 'x', labels: {}, buckets: [1] })({}, 0.5)
    expect(expose()).toContain('x_seconds_bucket{le="1"} 1\nx_seconds_bucket{le="+Inf"} 1\nx_seconds_sum 0.5\n')
  })
})

describe('a gauge', () => {
  test('is asked when somebody reads, and left out where there is nothing to say', () => {
    const { gauge, expose } = createRegistry()
    let value: number | null = 1
    gauge({ name: 'x', help: 'x' }, () => value)
    expect(expose()).toContain('\nx 1\n')
    value = null
    expect(expose()).toBe('')
  })

  test('writes what a text holds so that it is one line, and numbers as the format spells them', () => {
    const { gauge, expose } = createRegistry()
    gauge({ name: 'x', help: 'a\\b\nc' }, () => [{ labels: { v: 'say "hi"\\\n' }, value: Infinity }])
    expect(expose()).toBe('# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{v="say \\"hi\\"\\\\\\n"} +Inf\n')
  })
})
