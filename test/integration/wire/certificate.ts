// Certificates that never expire, made on the spot, so that no key has to lie in the repository.

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

const tlv = (tag: number, ...content: (Uint8Array | string)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)))
  const { length: n } = body
  const length = n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...content: (Uint8Array | string)[]): Buffer => tlv(0x30, ...content)
const ascii = (tag: number, text: string): Buffer => tlv(tag, Buffer.from(text, 'ascii'))

const ECDSA_WITH_SHA256 = sequence('06082a8648ce3d040302')
const COMMON_NAME = '0603550403'
const SUBJECT_ALT_NAME = '0603551d11'

export interface Pair {
  readonly key: string
  readonly cert: string
}

/** Key and certificate (PEM) for one DNS name, signed by itself (RFC 5280, 4.1). */
export function selfSigned(dnsName: string): Pair {
  const { privateKey, publicKey } = newKeys()
  return issued(dnsName, publicKey, { name: nameOf(dnsName), key: privateKey }, privateKey, forName(dnsName))
}

/** An authority of one's own, and the certificates that it signs. */
export function authority(commonName: string): { readonly cert: string; readonly issue: (dnsName: string) => Pair } {
  const { privateKey, publicKey } = newKeys()
  const own = { name: nameOf(commonName), key: privateKey }
  return {
    cert: issued(commonName, publicKey, own, privateKey, IS_AUTHORITY).cert,
    issue: (dnsName) => {
      const keys = newKeys()
      return issued(dnsName, keys.publicKey, own, keys.privateKey, forName(dnsName))
    },
  }
}

const BASIC_CONSTRAINTS = '0603551d13'
/** `cA` is true, and whoever does not understand the extension refuses the certificate. */
const IS_AUTHORITY = sequence(BASIC_CONSTRAINTS, '0101ff', tlv(0x04, sequence('0101ff')))

function forName(dnsName: string): Buffer {
  return sequence(SUBJECT_ALT_NAME, tlv(0x04, sequence(ascii(0x82, dnsName))))
}

function newKeys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function nameOf(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(COMMON_NAME, ascii(0x0c, commonName))))
}

function issued(
  subject: string,
  publicKey: KeyObject,
  issuer: { readonly name: Buffer; readonly key: KeyObject },
  privateKey: KeyObject,
  extension: Buffer,
): Pair {
  const validity = sequence(ascii(0x18, '20000101000000Z'), ascii(0x18, '99991231235959Z'))
  // A serial number of its own: two certificates of one authority with the same one would be taken for the same.
  const serial = tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]))
  const toBeSigned = sequence(
    tlv(0xa0, '020102'),
    serial,
    ECDSA_WITH_SHA256,
    issuer.name,
    validity,
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(extension)),
  )
  const signature = sign('sha256', toBeSigned, issuer.key)
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, tlv(0x03, '00', signature))
  const base64 = (certificate.toString('base64').match(/.{1,64}/g) ?? []).join('\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
}
