// The action hierarchy of ODRL 2.2 and the spellings of its terms.

import { describe, expect, it } from 'vitest'
import { covers } from '../../../../src/protocol/odrl/actions.ts'
import { canonicalAction, shortTerm, wireTerm } from '../../../../src/protocol/odrl/vocabulary.ts'

describe('an action', () => {
  // prettier-ignore
  it.each([
    ['use',       'read',       true],
    ['use',       'distribute', true],
    ['use',       'display',    true],
    ['play',      'display',    true],
    ['reproduce', 'extract',    true],
    ['transfer',  'sell',       true],
    ['use',       'use',        true],
    ['read',      'use',        false],
    ['use',       'transfer',   false],
    ['use',       'sell',       false],
    ['transfer',  'use',        false],
    ['display',   'play',       false],
    ['read',      'distribute', false],
  ])('%s covers %s: %s', (action, asked, expected) => {
    expect(covers(action, asked)).toBe(expected)
  })

  // prettier-ignore
  it.each([
    ['copy', 'reproduce'], ['odrl:copy', 'reproduce'], ['write', 'modify'], ['appendTo', 'modify'], ['pay', 'compensate'],
    ['export', 'transform'], ['license', 'grantUse'], ['http://www.w3.org/ns/odrl/2/use', 'use'], ['odrl:read', 'read'],
  ])('%s is %s', (spelling, action) => {
    expect(canonicalAction(spelling)).toBe(action)
  })

  it.each(['usee', 'USE', 'lease', 'cc:Sharing', 'constructor', '__proto__', 'count', 'https://example.com/use', ''])(
    '%j is none',
    (text) => {
      expect(canonicalAction(text)).toBeNull()
    },
  )
})

describe('a term', () => {
  // prettier-ignore
  it.each([
    ['dateTime',                               'dateTime',          'odrl:dateTime'],
    ['odrl:dateTime',                          'dateTime',          'odrl:dateTime'],
    ['http://www.w3.org/ns/odrl/2/dateTime',   'dateTime',          'odrl:dateTime'],
    ['odrl:use',                               'use',               'use'],
    ['odrl:read',                              'read',              'odrl:read'],
    ['term-lteq',                              'lteq',              'odrl:lteq'],
    ['partner',                                'partner',           'partner'],
    ['odrl:partner',                           'odrl:partner',      'odrl:partner'],
    ['http://www.w3.org/ns/odrl/2/partner',    'odrl:partner',      'odrl:partner'],
    ['https://w3id.org/catenax/UsagePurpose',  'https://w3id.org/catenax/UsagePurpose', 'https://w3id.org/catenax/UsagePurpose'],
  ])('%s is %s here and %s on the wire', (text, short, wire) => {
    expect(shortTerm(text)).toBe(short)
    expect(wireTerm(text)).toBe(wire)
  })
})
