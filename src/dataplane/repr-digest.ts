// The Repr-Digest field (RFC 9530, 3): from and to our own spelling of a digest.

/** `sha-256:<hex>` as the field's value, `sha-256=:<base64>:`. */
export function reprDigest(digest: string): string {
  return `sha-256=:${Buffer.from(digest.replace(/^sha-256:/, ''), 'hex').toString('base64')}:`
}

// A dictionary of byte sequences (RFC 8941, 3.2 and 3.3.5). 32 bytes are 43 characters of base64 and one of padding.
const SHA_256 = /(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \t]*(?:;[^,]*)?(?=,|$)/

/** The SHA-256 in a field that may name other algorithms too, as `sha-256:<hex>`; null when there is none or it is no digest. */
export function readReprDigest(field: string | undefined): string | null {
  const base64 = field === undefined ? undefined : SHA_256.exec(field)?.[1]
  return base64 === undefined ? null : `sha-256:${Buffer.from(base64, 'base64').toString('hex')}`
}
