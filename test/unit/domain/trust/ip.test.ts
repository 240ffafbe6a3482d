// IP addresses and networks: which spellings are read, and what an IPv6 address carries.

import { describe, expect, it } from 'vitest'
import { embeddedIpv4, isInNetwork, parseIp, parseNetwork } from '../../../../src/domain/trust/ip.ts'

const dotted = (text: string): string[] => embeddedIpv4(parseIp(text) ?? []).map((ip) => ip.join('.'))

describe('reading an address', () => {
  // prettier-ignore
  it.each([
    ['192.0.2.1',                 [192, 0, 2, 1]],
    ['0.0.0.0',                   [0, 0, 0, 0]],
    ['::',                        Array<number>(16).fill(0)],
    ['::1',                       [...Array<number>(15).fill(0), 1]],
    ['2001:DB8::a',               [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 10]],
    ['1:2:3:4:5:6:7:8',           [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['1:2:3:4:5:6:7::',           [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
    ['64:ff9b::10.1.2.3',         [0, 0x64, 0xff, 0x9b, ...Array<number>(8).fill(0), 10, 1, 2, 3]],
    ['::ffff:10.1.2.3',           [10, 1, 2, 3]],
    ['::ffff:a01:203',            [10, 1, 2, 3]],
    ['0:0:0:0:0:ffff:a01:203',    [10, 1, 2, 3]],
  ])('reads %s', (text, bytes) => {
    expect(parseIp(text)).toEqual(bytes)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '0x7f.0.0.1',
    '127.1',
    '2130706433',
    '1.2.3.4 ',
    'a.b.c.d',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.256',
    'fe80::1%eth0',
    '[::1]',
    '::ffff:1.2.3.4:5',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toBeNull()
  })
})

describe('networks', () => {
  it('compares the bits of the prefix and no others', () => {
    const network = parseNetwork('172.16.0.0/12')
    if (!network.ok) throw new Error(network.problem.message)

    expect(isInNetwork([172, 31, 255, 255], network.value)).toBe(true)
    expect(isInNetwork([172, 32, 0, 0], network.value)).toBe(false)
    expect(isInNetwork(parseIp('ac10::') ?? [], network.value)).toBe(false)
  })

  it('takes a prefix of no bits as everything of that family', () => {
    const network = parseNetwork('0.0.0.0/0')

    expect(network.ok && isInNetwork([8, 8, 8, 8], network.value)).toBe(true)
  })

  it.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/8.5',
    'host/8',
    '10.0.0.1/8',
    'fd00::1/8',
  ])('refuses %s', (text) => {
    expect(parseNetwork(text)).toMatchObject({ ok: false, problem: { code: 'config.invalid' } })
  })
})

describe('IPv4 addresses inside IPv6 addresses', () => {
  // prettier-ignore
  it.each([
    ['IPv4-compatible', '::10.0.0.1',                               ['10.0.0.1']],
    ['IPv4-translated', '::ffff:0:10.0.0.1',                        ['10.0.0.1']],
    ['NAT64',           '64:ff9b::a00:1',                           ['10.0.0.1']],
    ['local NAT64',     '64:ff9b:1::10.0.0.1',                      ['10.0.0.1']],
    ['6to4',            '2002:a00:1::',                             ['10.0.0.1']],
    ['Teredo',          '2001:0:5db8:d822:0:0:f5ff:fffe',           ['93.184.216.34', '10.0.0.1']],
    ['none',            '2606:2800:220:1:248:1893:25c8:1946',       []],
  ])('%s', (_form, text, inside) => {
    expect(dotted(text)).toEqual(inside)
  })
})
