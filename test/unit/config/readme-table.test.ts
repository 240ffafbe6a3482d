// The table of settings, and putting it into a document.

import { describe, expect, test } from 'vitest'
import { settingsTable, withGenerated } from '../../../src/config/readme-table.ts'

describe('settingsTable', () => {
  test('has a row a setting: key, variable, default, meaning with its values', () => {
    const lines = settingsTable().split('\n')
    expect(lines).toContain('| `public.port` | `LINGQU_PUBLIC__PORT` | `8181` | Port to listen on. |')
    expect(lines).toContain(
      '| `identity.admit` | `LINGQU_IDENTITY__ADMIT` | `listed` | Who may speak to this connector: `listed` peers, or `any` that proves its DID. One of `listed`, `any`. |',
    )
    expect(lines).toContain(
      '| `outbound.allowNetworks` | `LINGQU_OUTBOUND__ALLOWNETWORKS` | `[]` | Networks (CIDR) whose private addresses may be called. |',
    )
  })

  test('has four columns in every row', () => {
    for (const line of settingsTable().split('\n')) expect(line.match(/(?<!\\)\|/g)).toHaveLength(5)
  })
})

describe('withGenerated', () => {
  test('replaces what is between the markers and nothing else, and changes nothing the second time', () => {
    const once = withGenerated('before <b> old <e> after', '<b>', '<e>', 'new')
    expect(once).toMatch(/^before <b>\n[^]*\nnew\n[^]*\n<e> after$/)
    expect(withGenerated(once ?? '', '<b>', '<e>', 'new')).toBe(once)
  })

  test.each(['', '<b>', '<e>', '<e> <b>', '<b> <b> <e>', '<b> <e> <b>'])(
    'refuses a document without both markers in order: %j',
    (document) => {
      expect(withGenerated(document, '<b>', '<e>', 'new')).toBeUndefined()
    },
  )
})
