// IP addresses and networks as bytes: parsed strictly, compared by prefix, with the IPv4 addresses that IPv6 forms carry.

import { bad, good } from '../../kernel/problem.ts'
import type { Result } from '../../kernel/problem.ts'

/** 4 bytes (IPv4) or 16 bytes (IPv6). An IPv4-mapped address (`::ffff:a.b.c.d`) is the IPv4 address that it means. */
export type Ip = readonly number[]

export interface Network {
  readonly text: string
  readonly base: Ip
  readonly prefixBits: number
}

/** Dotted decimal without leading zeros, or any spelling of RFC 4291 without a zone. Everything else is null. */
export function parseIp(text: string): Ip | null {
  if (!text.includes(':')) return parseIpv4(text)
  const ip = parseIpv6(text)
  return ip !== null && hasPrefix(ip, MAPPED, 96) ? ip.slice(12) : ip
}

/** `10.0.0.0/8`, `fd00::/8`. Refuses (`config.invalid`) a missing or too long prefix and bits set behind it. */
export function parseNetwork(text: string): Result<Network> {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const base = parseIp(address)
  const prefixBits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN
  if (base === null || rest.length > 0 || !(prefixBits <= base.length * 8)) {
    return bad('config.invalid', `expected a network such as 10.0.0.0/8 or fd00::/8, got ${JSON.stringify(text)}`)
  }
  if (
    !hasPrefix(
      base,
      base.map((byte, index) => byte & maskByte(prefixBits, index)),
      base.length * 8,
    )
  ) {
    return bad('config.invalid', `${text}: bits are set behind the first ${prefix}; which network is meant?`)
  }
  return good({ text, base, prefixBits })
}

export function isInNetwork(ip: Ip, { base, prefixBits }: Network): boolean {
  return ip.length === base.length && hasPrefix(ip, base, prefixBits)
}

/** The IPv4 addresses that an IPv6 address would lead to through a translator or a tunnel; empty for all others. */
export function embeddedIpv4(ip: Ip): readonly Ip[] {
  return EMBEDDINGS.filter(({ network }) => isInNetwork(ip, network)).map(({ at, flip }) =>
    ip.slice(at, at + 4).map((byte) => byte ^ flip),
  )
}

function parseIpv4(text: string): Ip | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256))
  return bytes.every((byte) => byte <= 255) ? bytes : null
}

function parseIpv6(text: string): Ip | null {
  const hexadecimal = withoutDottedTail(text)
  if (hexadecimal === null) return null
  const halves = hexadecimal.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const [head = [], tail] = halves
  if (halves.length > 2) return null
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 1) return null

  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return groups.flatMap((group) => {
    const value = parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

function withoutDottedTail(text: string): string | null {
  if (!text.includes('.')) return text
  const cut = text.lastIndexOf(':') + 1
  const [a, b, c, d] = parseIpv4(text.slice(cut)) ?? []
  if (a === undefined || b === undefined || c === undefined || d === undefined) return null
  return `${text.slice(0, cut)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

function hasPrefix(ip: Ip, base: Ip, bits: number): boolean {
  return base.every((byte, index) => (((ip[index] ?? 0) ^ byte) & maskByte(bits, index)) === 0)
}

/** The mask for the byte at `index` of a prefix that is `bits` long. */
function maskByte(bits: number, index: number): number {
  const inByte = Math.min(8, Math.max(0, bits - index * 8))
  return (0xff00 >> inByte) & 0xff
}

const MAPPED: Ip = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0]

// Where the four bytes stand. Teredo carries two: its server's address, and its client's with every bit flipped.
// prettier-ignore
const EMBEDDINGS = [
  { network: v6([0, 0, 0, 0, 0, 0], 96),           at: 12, flip: 0x00 }, // ::a.b.c.d, IPv4-compatible, RFC 4291
  { network: v6([0, 0, 0, 0, 0xffff, 0], 96),      at: 12, flip: 0x00 }, // ::ffff:0:a.b.c.d, IPv4-translated, RFC 2765
  { network: v6([0x64, 0xff9b], 96),               at: 12, flip: 0x00 }, // NAT64, RFC 6052
  { network: v6([0x64, 0xff9b, 1], 48),            at: 12, flip: 0x00 }, // NAT64 for local use, RFC 8215
  { network: v6([0x2002], 16),                     at:  2, flip: 0x00 }, // 6to4, RFC 3056
  { network: v6([0x2001, 0], 32),                  at:  4, flip: 0x00 }, // Teredo server, RFC 4380
  { network: v6([0x2001, 0], 32),                  at: 12, flip: 0xff }, // Teredo client
] as const

function v6(groups: readonly number[], prefixBits: number): Network {
  const bytes = groups.flatMap((group) => [group >> 8, group & 0xff])
  return { text: '', base: [...bytes, ...Array<number>(16 - bytes.length).fill(0)], prefixBits }
}
