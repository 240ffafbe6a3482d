// Addresses, networks and host names as right operands of `virtualLocation`.

import { describe, expect, it } from 'vitest'
import { liesInNetwork, parseNetwork } from '../../../../src/protocol/odrl/networks.ts'

describe('a network', () => {
  // prettier-ignore
  it.each([
    ['10.0.0.0/24',       '10.0.0.0/24'],
    ['10.0.0.7',          '10.0.0.7/32'],
    ['0.0.0.0/0',         '0.0.0.0/0'],
    ['2001:DB8::/32',     '2001:db8::/32'],
    ['::1',               '::1/128'],
    ['::ffff:10.0.0.7',   '10.0.0.7/32'],
    ['Host.Example',      'host.example'],
    ['*.host.example',    '*.host.example'],
  ])('%s is read', (text, canonical) => {
    expect(parseNetwork(text)).toBe(canonical)
  })

  it.each([
    '10.0.0.7/24',
    '10.0.0/24',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/24/8',
    '10.0.0.0/x',
    '1:2:3:4:5:6:7',
    '1::2::3',
    '12345::',
    'a_b.example',
    'host.example/24',
    'host.7',
    '',
    '-a.example',
  ])('%s is refused', (text) => {
    expect(parseNetwork(text)).toBeNull()
  })

  // prettier-ignore
  it.each([
    ['10.0.0.7/32',     '10.0.0.0/24',     true],
    ['10.0.1.7/32',     '10.0.0.0/24',     false],
    ['10.0.0.0/23',     '10.0.0.0/24',     false],
    ['2001:db8:1::/48', '2001:db8::/32',   true],
    ['2001:db9::/32',   '2001:db8::/32',   false],
    ['::/0',            '0.0.0.0/0',       false],
    ['a.host.example',  '*.host.example',  true],
    ['host.example',    '*.host.example',  false],
    ['host.example',    '10.0.0.0/8',      false],
  ])('%s in %s: %s', (inner, outer, is) => {
    expect(liesInNetwork(inner, outer)).toBe(is)
  })
})
