// Percentiles and ratios of the measurements.

import { describe, expect, test } from 'vitest'
import { median, pairedRatio, percentile, rounded } from '../../bench/statistics.ts'

const TEN = [7, 3, 9, 1, 5, 10, 2, 8, 4, 6]

describe('a percentile', () => {
  test.each([
    [50, 5],
    [90, 9],
    [91, 10],
    [99, 10],
    [100, 10],
    [0, 1],
  ])('at %d of a hundred, ten samples give number %d', (percent, expected) => {
    expect(percentile(TEN, percent)).toBe(expected)
  })

  test('of one sample is that sample', () => {
    expect(percentile([3], 99)).toBe(3)
  })

  test('of nothing is refused', () => {
    expect(() => percentile([], 50)).toThrow('no samples')
  })
})

describe('a median', () => {
  test('is the middle of an odd number', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  test('is the mean of the two in the middle of an even number', () => {
    expect(median(TEN)).toBe(5.5)
  })

  test('does not put the samples in another order', () => {
    const samples = [3, 1, 2]
    median(samples)
    expect(samples).toEqual([3, 1, 2])
  })

  test('of nothing is refused', () => {
    expect(() => median([])).toThrow('no samples')
  })
})

test('a paired ratio compares each round with the one beside it: a slow moment of the machine does not count', () => {
  // Given a machine that is ten times slower in the second round and in the third.
  const [ours, theirs] = [
    [100, 10, 10],
    [200, 20, 20],
  ]
  // Then the ratio is that of each round, although the medians of all are 10 and 20, and the means differ.
  expect(pairedRatio(ours, theirs)).toBe(0.5)
})

test('a round without its counterpart does not count', () => {
  expect(pairedRatio([1, 2, 100], [2, 4])).toBe(0.5)
})

test.each([
  [14.3567, 14.4],
  [167_123, 167_000],
  [0.030_449, 0.0304],
  [0, 0],
])('%d is told with three significant digits', (value, expected) => {
  expect(rounded(value)).toBe(expected)
})
