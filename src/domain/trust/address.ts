// Which addresses we may call: one guard for peers (public addresses only), one for sources (never link-local). Pure.

import { bad, good } from '../../kernel/problem.ts'
import type { Result } from '../../kernel/problem.ts'
import { invariant } from '../../kernel/invariant.ts'
import { embeddedIpv4, isInNetwork, parseIp, parseNetwork } from './ip.ts'
import type { Ip, Network } from './ip.ts'

export interface GuardSettings {
  /** `peer`: an address that another participant gave us. `source`: one that our administrator wrote down. */
  readonly guard: 'peer' | 'source'
  /** Loopback mode: http to a loopback host and loopback addresses are allowed for peers too. */
  readonly loopback: boolean
  /** `host` or `host:port`: http is allowed there, and private addresses behind that name. */
  readonly allowHttpHosts: readonly string[]
  /** CIDR networks in which peers may live though they are not public. */
  readonly allowNetworks: readonly string[]
}

/** Settings that were read once. */
export interface Guard {
  readonly kind: 'peer' | 'source'
  readonly loopback: boolean
  readonly namedHosts: ReadonlySet<string>
  readonly networks: readonly Network[]
}

/** Reads the settings. Refuses (`config.invalid`) an entry that is neither a host, host:port nor a CIDR network. */
export function createGuard({ guard, loopback, allowHttpHosts, allowNetworks }: GuardSettings): Result<Guard> {
  const namedHosts = new Set<string>()
  for (const entry of allowHttpHosts) {
    const [, host, port] = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+)(?::(\d{1,5}))?$/i.exec(entry) ?? []
    const url = host === undefined ? null : URL.parse(`http://${host}/`)
    if (url === null)
      return bad('config.invalid', `expected host or host:port, got ${JSON.stringify(entry)}`, 'allowHttpHosts')
    namedHosts.add(port === undefined ? plainHost(url.hostname) : `${plainHost(url.hostname)}:${port}`)
  }
  const networks: Network[] = []
  for (const entry of allowNetworks) {
    const network = parseNetwork(entry)
    if (!network.ok) return network
    networks.push(network.value)
  }
  return good({ kind: guard, loopback, namedHosts, networks })
}

/**
 * What can be said before any name is resolved: scheme, user information, and the address if the host is one (URL parsing
 * turns decimal, octal and hexadecimal IPv4 spellings into the plain one). Refuses with `address.forbidden`.
 */
export function judgeUrl(guard: Guard, text: string): Result<URL> {
  const url = URL.parse(text)
  if (url === null) return bad('address.forbidden', `expected an absolute URL, got ${shown(text)}`)
  if (url.username !== '' || url.password !== '')
    return bad('address.forbidden', 'user information in a URL is not allowed')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayUseHttp(guard, url))) {
    return bad(
      'address.forbidden',
      `expected https, got ${shown(`${url.protocol}//${url.host}`)}; http only to hosts in allowHttpHosts`,
    )
  }
  const host = plainHost(url.hostname)
  if (parseIp(host) === null) return good(url)
  const judged = judgeAddresses(guard, host, portOf(url), [host])
  return judged.ok ? good(url) : judged
}

/**
 * Behind an outgoing proxy the proxy resolves names, so the name is all that can be judged: one that means this machine is
 * refused outside loopback mode.
 */
export function judgeProxiedName(guard: Guard, url: URL): Result<URL> {
  const forbidden =
    guard.kind === 'peer' && isLoopbackName(plainHost(url.hostname)) && !guard.loopback && !isNamed(guard, url)
  return forbidden ? bad('address.forbidden', `${url.host} means this machine; peers have public addresses`) : good(url)
}

/**
 * Whether a connection to this host may use these addresses: every one must be allowed, or a name could hide a private
 * address behind a public one. Gives the addresses to connect to, in the order in which they came.
 * Refuses with `address.forbidden`, naming the address and the table row that forbids it.
 */
export function judgeAddresses(
  guard: Guard,
  hostname: string,
  port: string,
  addresses: readonly string[],
): Result<readonly string[]> {
  const host = plainHost(hostname)
  if (addresses.length === 0) return bad('peer.unreachable', `${shown(host)} has no address`)
  const named = guard.namedHosts.has(host) || guard.namedHosts.has(`${host}:${port}`)
  for (const address of addresses) {
    const reason = whyForbidden(guard, named, address)
    if (reason !== null) return bad('address.forbidden', `${shown(host)} leads to ${address}: ${reason}`)
  }
  return good(addresses)
}

/** The port in digits, also where it is the scheme's own. */
export function portOf(url: { readonly protocol: string; readonly port: string }): string {
  return url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80'
}

/** Whether http may be spoken to the host of this URL; a did:web name learns its scheme from it. */
export function mayUseHttp(guard: Guard, url: URL): boolean {
  if (guard.kind === 'source') return true
  return (guard.loopback && isLoopbackName(plainHost(url.hostname))) || isNamed(guard, url)
}

function isNamed({ namedHosts }: Guard, url: URL): boolean {
  const host = plainHost(url.hostname)
  return namedHosts.has(host) || namedHosts.has(`${host}:${portOf(url)}`)
}

function whyForbidden(guard: Guard, named: boolean, address: string): string | null {
  const ip = parseIp(address)
  if (ip === null) return 'not an address in plain spelling'
  const meanings = [ip, ...embeddedIpv4(ip)]
  const never = NEVER.find(({ network }) => meanings.some((meaning) => isInNetwork(meaning, network)))
  if (never !== undefined) return `${never.what} (${never.network.text}) is never called`
  if (guard.kind === 'source' || named) return null
  if (guard.loopback && isLoopback(ip)) return null
  if (guard.networks.some((network) => isInNetwork(ip, network))) return null
  return meanings.map(whyNotPublic).find((reason) => reason !== null) ?? null
}

function whyNotPublic(ip: Ip): string | null {
  const row = NOT_PUBLIC.find(({ network }) => isInNetwork(ip, network))
  if (row !== undefined)
    return `${row.what} (${row.network.text}); peers have public addresses, or are named in allowHttpHosts or allowNetworks`
  const isGlobal = ip.length === 4 || GLOBAL_IPV6.some(({ network }) => isInNetwork(ip, network))
  return isGlobal ? null : 'not a global unicast address'
}

function isLoopback(ip: Ip): boolean {
  return LOOPBACK.some(({ network }) => isInNetwork(ip, network))
}

function isLoopbackName(host: string): boolean {
  const ip = parseIp(host)
  return ip !== null ? isLoopback(ip) : host === 'localhost' || host.endsWith('.localhost')
}

/** Lower case, without the brackets of an IPv6 literal and without the dot that ends an absolute name. */
function plainHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}

interface Row {
  readonly network: Network
  readonly what: string
}

function row(cidr: string, what: string): Row {
  const network = parseNetwork(cidr)
  invariant(network.ok, `${cidr} is a network`)
  return { network: network.value, what }
}

// Instance metadata services hand out credentials to whoever can make a machine send a GET.
// prettier-ignore
const NEVER: readonly Row[] = [
  row('169.254.0.0/16',     'link-local'),
  row('fe80::/10',          'link-local'),
  row('fd00:ec2::254/128',  'cloud metadata'),
  row('100.100.100.200/32', 'cloud metadata'),
  row('168.63.129.16/32',   'cloud metadata'),
]

// prettier-ignore
const LOOPBACK: readonly Row[] = [
  row('127.0.0.0/8',        'loopback'),
  row('::1/128',            'loopback'),
]

// The IANA special-purpose registries, as far as they are not globally reachable. IPv6 outside GLOBAL_IPV6 needs no row.
// prettier-ignore
const NOT_PUBLIC: readonly Row[] = [
  ...LOOPBACK,
  row('0.0.0.0/8',          'this network'),
  row('10.0.0.0/8',         'private'),
  row('100.64.0.0/10',      'carrier-grade NAT'),
  row('172.16.0.0/12',      'private'),
  row('192.0.0.0/24',       'protocol assignments'),
  row('192.0.2.0/24',       'documentation'),
  row('192.88.99.0/24',     '6to4 relay anycast'),
  row('192.168.0.0/16',     'private'),
  row('198.18.0.0/15',      'benchmarking'),
  row('198.51.100.0/24',    'documentation'),
  row('203.0.113.0/24',     'documentation'),
  row('224.0.0.0/4',        'multicast'),
  row('240.0.0.0/4',        'reserved and broadcast'),
  row('::/128',             'unspecified'),
  row('64:ff9b:1::/48',     'NAT64 for local use'),
  row('2001::/23',          'protocol assignments, Teredo, benchmarking'),
  row('2001:db8::/32',      'documentation'),
  row('3fff::/20',          'documentation'),
  row('fc00::/7',           'private'),
  row('fec0::/10',          'site-local'),
  row('ff00::/8',           'multicast'),
]

// NAT64 is global as far as the IPv4 address in it is, which is judged apart.
// prettier-ignore
const GLOBAL_IPV6: readonly Row[] = [
  row('2000::/3',           'global unicast'),
  row('64:ff9b::/96',       'NAT64'),
]
