// Addresses and hosts that stand for all of them, beside those that policies name: in each network one that no other holds.

import { rangeOf } from '../../../protocol/odrl/networks.ts'

type Range = NonNullable<ReturnType<typeof rangeOf>>

const EVERYWHERE: readonly Range[] = [
  { bits: 32, first: 0n, last: (1n << 32n) - 1n },
  { bits: 128, first: 0n, last: (1n << 128n) - 1n },
]

/** An address in each network that lies in nothing narrower, what is named, a host below each `*.`, and ones outside all. */
export function networksLike(names: ReadonlySet<string>): readonly string[] {
  const ranges = [...names].flatMap((name) => rangeOf(name) ?? [])
  const addresses = [...ranges, ...EVERYWHERE].flatMap((range) => freeAddress(range, ranges) ?? [])
  // A host of one label lies below no `*.` at all.
  const suffixes = ['', ...[...names].filter((name) => name.startsWith('*.')).map((name) => name.slice(1))]
  return [...addresses, ...names, ...suffixes.map((suffix) => freeHost(suffix, names))]
}

/** The first address that lies in none of the ranges inside this one; null where they cover it. */
function freeAddress({ bits, first, last }: Range, ranges: readonly Range[]): string | null {
  const inner = ranges
    .filter((each) => each.bits === bits && each.first >= first && each.last <= last)
    .filter((each) => each.first !== first || each.last !== last)
    .toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  let address = first
  for (const each of inner) if (each.first <= address && each.last >= address) address = each.last + 1n
  return address > last ? null : addressText(bits, address)
}

function addressText(bits: 32 | 128, address: bigint): string {
  const [width, size] = bits === 32 ? [8n, 4] : [16n, 8]
  const parts = Array.from({ length: size }, (_, index) => {
    return (address >> (width * BigInt(size - 1 - index))) & ((1n << width) - 1n)
  })
  return bits === 32 ? `${parts.join('.')}/32` : `${parts.map((part) => part.toString(16)).join(':')}/128`
}

function freeHost(suffix: string, names: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const name = `other${number === 1 ? '' : String(number)}${suffix}`
    if (!names.has(name)) return name
  }
}
