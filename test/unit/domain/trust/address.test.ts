// The two fetch guards as tables: what peers may be called at, what sources may be read from.

import { describe, expect, it } from 'vitest'
import { createGuard, judgeAddresses, judgeProxiedName, judgeUrl } from '../../../../src/domain/trust/address.ts'
import type { Guard, GuardSettings } from '../../../../src/domain/trust/address.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'

const guardOf = (settings: Partial<GuardSettings> = {}): Guard =>
  orThrow(createGuard({ guard: 'peer', loopback: false, allowHttpHosts: [], allowNetworks: [], ...settings }))

const peer = guardOf()
const source = guardOf({ guard: 'source' })

const FORBIDDEN = { ok: false, problem: { code: 'address.forbidden' } }

const isAllowed = (guard: Guard, ...addresses: string[]): boolean =>
  judgeAddresses(guard, 'name.example', '443', addresses).ok

// prettier-ignore
const PRIVATE = [
  '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3',
  '100.64.0.1', '100.127.255.255', '224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255', '192.0.0.1', '192.0.2.1',
  '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '192.88.99.1',
  '::', '::1', '0:0:0:0:0:0:0:1', 'fc00::1', 'fd12:3456::1', 'fec0::1', 'ff02::1', '2001:db8::1', '3fff::1', '2001:2::1', '100::1', '5f00::1',
  '::ffff:10.0.0.1', '::ffff:7f00:1', '::FFFF:192.168.0.1', '0:0:0:0:0:ffff:0a00:0001', '::127.0.0.1', '::ffff:0:10.0.0.1',
  '64:ff9b::10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::8.8.8.8', '2002:a00:1::1', '2002:7f00:1::', '2001:0:808:808::f5ff:fffe', '2001:0:a00:1::f7f7:f7f7',
]

// prettier-ignore
const LINK_LOCAL = [
  '169.254.169.254', '169.254.0.1', 'fe80::1', 'febf::1', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16',
  '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::169.254.169.254', '64:ff9b::169.254.169.254', '64:ff9b:1::a9fe:a9fe',
  '2002:a9fe:a9fe::1', '2001:0:a9fe:a9fe::1', '2001:0:808:808::5601:5601',
]

// prettier-ignore
const PUBLIC = [
  '93.184.216.34', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '169.253.1.1', '198.17.0.1', '223.255.255.255',
  '2606:2800:220:1:248:1893:25c8:1946', '2400:3200::1', '2001:200::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1',
]

describe('the guard of peers', () => {
  it.each(PUBLIC)('allows the public address %s', (address) => {
    expect(isAllowed(peer, address)).toBe(true)
  })

  it.each([...PRIVATE, ...LINK_LOCAL, 'not-an-address', '010.8.8.8', 'fe80::1%eth0'])('refuses %s', (address) => {
    expect(judgeAddresses(peer, 'name.example', '443', [address])).toMatchObject(FORBIDDEN)
  })

  it('refuses a name with one public and one private address, in either order', () => {
    expect(isAllowed(peer, '93.184.216.34', '10.0.0.1')).toBe(false)
    expect(isAllowed(peer, '10.0.0.1', '93.184.216.34')).toBe(false)
    expect(isAllowed(peer, '93.184.216.34', '2606:2800::1')).toBe(true)
  })

  it('refuses a name without an address as unreachable', () => {
    expect(judgeAddresses(peer, 'name.example', '443', [])).toMatchObject({
      ok: false,
      problem: { code: 'peer.unreachable' },
    })
  })

  it('says which address is meant and which row forbids it', () => {
    const judged = judgeAddresses(peer, 'name.example', '443', ['10.1.2.3'])

    expect(!judged.ok && judged.problem.message).toMatch(
      /"name.example" leads to 10\.1\.2\.3: private \(10\.0\.0\.0\/8\)/,
    )
  })

  // prettier-ignore
  it.each([
    ['a host that is named',              { allowHttpHosts: ['name.example'] },      '10.0.0.1',         true],
    ['a host that is named in capitals',  { allowHttpHosts: ['Name.Example'] },      '10.0.0.1',         true],
    ['a host named with this port',       { allowHttpHosts: ['name.example:443'] },  '10.0.0.1',         true],
    ['a host named with another port',    { allowHttpHosts: ['name.example:444'] },  '10.0.0.1',         false],
    ['another host',                      { allowHttpHosts: ['example'] },           '10.0.0.1',         false],
    ['a network that is named',           { allowNetworks: ['10.0.0.0/8'] },         '10.0.0.1',         true],
    ['its mapped form',                   { allowNetworks: ['10.0.0.0/8'] },         '::ffff:10.0.0.1',  true],
    ['its NAT64 form',                    { allowNetworks: ['10.0.0.0/8'] },         '64:ff9b::a00:1',   false],
    ['a neighbour of that network',       { allowNetworks: ['10.0.0.0/9'] },         '10.128.0.1',       false],
    ['an IPv6 network',                   { allowNetworks: ['fd00::/8'] },           'fd12::1',          true],
    ['loopback in loopback mode',         { loopback: true },                        '127.0.0.1',        true],
    ['IPv6 loopback in loopback mode',    { loopback: true },                        '::1',              true],
    ['private in loopback mode',          { loopback: true },                        '10.0.0.1',         false],
    ['link-local of a named host',        { allowHttpHosts: ['name.example'] },      '169.254.169.254',  false],
    ['link-local in a named network',     { allowNetworks: ['169.254.0.0/16'] },     '169.254.169.254',  false],
  ])('%s', (_what, settings, address, allowed) => {
    expect(isAllowed(guardOf(settings), address)).toBe(allowed)
  })
})

describe('the guard of sources', () => {
  it.each([...PUBLIC, ...PRIVATE])('allows %s, which an administrator wrote down', (address) => {
    expect(isAllowed(source, address)).toBe(true)
  })

  it.each(LINK_LOCAL)('never allows %s', (address) => {
    expect(judgeAddresses(source, 'name.example', '443', [address])).toMatchObject(FORBIDDEN)
  })

  it('allows http, and refuses what is neither http nor https', () => {
    expect(judgeUrl(source, 'http://10.0.0.1/data').ok).toBe(true)
    expect(judgeUrl(source, 'ftp://10.0.0.1/data')).toMatchObject(FORBIDDEN)
  })
})

describe('URLs before any name is resolved', () => {
  // Spellings of 127.0.0.1 and 169.254.169.254 that some resolver or other understands.
  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://0/',
    'https://１２７.0.0.1/',
    'https://①②⑦.0.0.1/',
    'https://[fe80::1]/',
    'https://169.254.169.254/',
    'https://0xa9fea9fe/',
    'https://[64:ff9b::a9fe:a9fe]/',
  ])('refuses %s', (url) => {
    expect(judgeUrl(peer, url)).toMatchObject(FORBIDDEN)
  })

  it.each(['https://user@peer.example/', 'https://user:secret@peer.example/', 'https://:secret@peer.example/'])(
    'refuses user information, and does not repeat it: %s',
    (url) => {
      const judged = judgeUrl(peer, url)

      expect(judged).toMatchObject(FORBIDDEN)
      expect(!judged.ok && judged.problem.message).not.toContain('secret')
      expect(judgeUrl(source, url)).toMatchObject(FORBIDDEN)
    },
  )

  it.each([
    '',
    'peer.example',
    '/path',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://',
    'http://peer.example/',
    'HTTP://peer.example/',
  ])('refuses %j', (url) => {
    expect(judgeUrl(peer, url)).toMatchObject(FORBIDDEN)
  })

  // prettier-ignore
  it.each([
    ['https://peer.example/',         {},                                        true],
    ['http://peer.example/',          { allowHttpHosts: ['peer.example'] },      true],
    ['http://peer.example:8080/',     { allowHttpHosts: ['peer.example'] },      true],
    ['http://peer.example:8080/',     { allowHttpHosts: ['peer.example:8080'] }, true],
    ['http://peer.example/',          { allowHttpHosts: ['peer.example:80'] },   true],
    ['http://peer.example:8081/',     { allowHttpHosts: ['peer.example:8080'] }, false],
    ['http://peer.example.evil.org/', { allowHttpHosts: ['peer.example'] },      false],
    ['http://[fd00::1]:8080/',        { allowHttpHosts: ['[fd00:0::1]:8080'] },  true],
    ['http://10.0.0.1/',              { allowNetworks: ['10.0.0.0/8'] },         false],
    ['https://10.0.0.1/',             { allowNetworks: ['10.0.0.0/8'] },         true],
    ['http://localhost:8181/',        { loopback: true },                        true],
    ['http://127.0.0.1:8181/',        { loopback: true },                        true],
    ['http://[::1]:8181/',            { loopback: true },                        true],
    ['http://peer.example/',          { loopback: true },                        false],
    ['http://localhost.evil.org/',    { loopback: true },                        false],
    ['http://localhost:8181/',        {},                                        false],
  ])('%s with %j: %s', (url, settings, allowed) => {
    expect(judgeUrl(guardOf(settings), url).ok).toBe(allowed)
  })
})

describe('names behind an outgoing proxy', () => {
  it.each(['https://localhost/', 'https://localhost./', 'https://db.localhost/'])(
    'refuses %s outside loopback mode',
    (url) => {
      expect(judgeProxiedName(peer, new URL(url))).toMatchObject(FORBIDDEN)
      expect(judgeProxiedName(guardOf({ loopback: true }), new URL(url)).ok).toBe(true)
    },
  )

  it('lets other names pass, because only the proxy can resolve them', () => {
    expect(judgeProxiedName(peer, new URL('https://peer.example/')).ok).toBe(true)
  })
})

describe('settings', () => {
  it.each(['http://peer.example', 'peer.example/path', 'user@peer.example', 'peer.example:port', '::1', '', 'a b'])(
    'refuses the host %j',
    (entry) => {
      expect(createGuard({ guard: 'peer', loopback: false, allowHttpHosts: [entry], allowNetworks: [] })).toMatchObject(
        {
          ok: false,
          problem: { code: 'config.invalid' },
        },
      )
    },
  )

  it('refuses a network that is none', () => {
    expect(
      createGuard({ guard: 'peer', loopback: false, allowHttpHosts: [], allowNetworks: ['10.0.0.0'] }),
    ).toMatchObject({
      ok: false,
      problem: { code: 'config.invalid' },
    })
  })
})
