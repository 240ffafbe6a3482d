// Sets of numbers: what is in both, in neither, and which whole numbers are in them.

import { describe, expect, it } from 'vitest'
import {
  between,
  complement,
  ends,
  EVERY_NUMBER,
  from,
  holds,
  intersection,
  isSame,
  samples,
  union,
  upTo,
  wholeNumbers,
  type Intervals,
} from '../../../../../src/domain/policy/analysis/intervals.ts'

const NUMBERS = [-1, 0, 0.5, 1, 2, 3, 4, 5, 6]
const inside = (set: Intervals) => NUMBERS.filter((number) => holds(set, number))

describe('a set of numbers', () => {
  it('keeps open and closed ends apart', () => {
    expect(inside(upTo(3, true))).toEqual([-1, 0, 0.5, 1, 2, 3])
    expect(inside(upTo(3, false))).toEqual([-1, 0, 0.5, 1, 2])
    expect(inside(from(3, false))).toEqual([4, 5, 6])
    expect(inside(between(1, 3))).toEqual([1, 2, 3])
    expect(between(3, 1)).toEqual([])
  })

  it('and its complement share nothing and leave nothing out', () => {
    for (const set of [EVERY_NUMBER, [], between(1, 1), upTo(3, false), union(between(1, 2), from(4, false))]) {
      expect(intersection(set, complement(set))).toEqual([])
      expect(isSame(union(set, complement(set)), EVERY_NUMBER)).toBe(true)
      expect(isSame(complement(complement(set)), set)).toBe(true)
    }
  })

  it('meets another where both have something', () => {
    expect(inside(intersection(union(between(0, 1), between(3, 4)), between(1, 3)))).toEqual([1, 3])
    expect(intersection(upTo(3, false), from(3, true))).toEqual([])
    expect(inside(intersection(upTo(3, true), from(3, true)))).toEqual([3])
  })

  it('has whole numbers with closed ends', () => {
    const open = intersection(from(3, false), upTo(7, false))
    expect(wholeNumbers(open)).toEqual(between(4, 6))
    expect(wholeNumbers(intersection(from(3, false), upTo(4, false)))).toEqual([])
    expect(wholeNumbers(between(0.5, 2.5))).toEqual(between(1, 2))
  })

  it('gives a number of each interval, one that is preferred if it is in', () => {
    const set = union(upTo(-1, true), union(between(2, 3), from(5, false)))
    expect(samples(set, [3, 0])).toEqual([-1, 3, 6])
    const narrow = intersection(from(0.1, false), upTo(0.2, false))
    expect(samples(narrow, []).every((number) => holds(narrow, number))).toBe(true)
    expect(ends(set)).toEqual({ low: -Infinity, high: Infinity })
    expect(ends([])).toBe(null)
  })
})
