// SHA-256 in the two spellings that the project uses.

import { hash } from 'node:crypto'

/** Lower-case hexadecimal SHA-256 of the bytes (a string is taken as UTF-8). */
export function sha256Hex(bytes: string | Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/** `sha-256:<hex>`, the form in which digests are shown to users and written into evidence. */
export function digestOf(bytes: string | Uint8Array): string {
  return `sha-256:${sha256Hex(bytes)}`
}
