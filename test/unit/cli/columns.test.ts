// Rows for a terminal.

import { expect, it } from 'vitest'
import { columns } from '../../../src/cli/columns.ts'

it('makes each column as wide as its widest word, with nothing behind the last', () => {
  const rows = [
    ['a', 'longer', ''],
    ['longest', 'b', 'c'],
  ]
  expect(columns(rows, 'none')).toBe('a        longer\nlongest  b       c')
})

it('says what it means that there are no rows', () => {
  expect(columns([], 'none yet')).toBe('none yet')
})
