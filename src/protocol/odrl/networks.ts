// Addresses, networks (RFC 4632) and host names: the right operand of `virtualLocation`.

/** The address as a number of so many bits. */
interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

const HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,62}(?<!-))?(?:\.[a-z0-9](?:[a-z0-9-]{0,62}(?<!-))?)*$/

/** The canonical text (`10.0.0.0/24`, `host.example`), or null. An address alone is a network of one. */
export function parseNetwork(text: string): string | null {
  // How a socket that takes both writes the address of an IPv4 peer.
  const plain = text.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  const [start, length, more] = plain.split('/')
  const address = parseAddress(start ?? '')
  if (address === null) return length === undefined && isHost(start ?? '') ? (start ?? null) : null
  if (more !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return null
  const prefix = length === undefined ? address.bits : Number(length)
  // 10.0.0.7/24 leaves open whether the network or the one address was meant.
  if (prefix > address.bits || lowBits(address, prefix) !== 0n) return null
  return `${start ?? ''}/${String(prefix)}`
}

/** Whether an address or network lies in a network; a host name only in itself and in `*.` above it (both canonical). */
export function liesInNetwork(thing: string, network: string): boolean {
  if (thing === network) return true
  if (network.startsWith('*.')) return thing.endsWith(network.slice(1))
  const [inner, outer] = [rangeOf(thing), rangeOf(network)]
  if (inner === null || outer === null || inner.bits !== outer.bits) return false
  return inner.first >= outer.first && inner.last <= outer.last
}

/** The first and the last address of a network, as numbers of so many bits; null for a host name. */
export function rangeOf(
  network: string,
): { readonly bits: 32 | 128; readonly first: bigint; readonly last: bigint } | null {
  const [start = '', length] = network.split('/')
  const address = parseAddress(start)
  if (address === null || length === undefined) return null
  const size = 1n << BigInt(address.bits - Number(length))
  return { bits: address.bits, first: address.value, last: address.value + size - 1n }
}

function isHost(text: string): boolean {
  // What ends in a number would be a misspelt address.
  return text.length <= 253 && HOST.test(text) && !/(?:^|\.)\d+$/.test(text)
}

function lowBits({ bits, value }: Address, prefix: number): bigint {
  return value & ((1n << BigInt(bits - prefix)) - 1n)
}

function parseAddress(text: string): Address | null {
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

function parseV4(text: string): Address | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return null
  return { bits: 32, value: parts.reduce((value, part) => value * 256n + BigInt(part), 0n) }
}

function parseV6(text: string): Address | null {
  const [head, tail, more] = text.split('::')
  if (more !== undefined) return null
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'))
  const [before, after] = [groups(head), groups(tail)]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after]
  if (!all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null
  return { bits: 128, value: all.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n) }
}
