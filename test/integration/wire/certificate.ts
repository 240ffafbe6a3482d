// A self-signed certificate that never expires, made on the spot, so that no key has to lie in the repository.

import { generateKeyPairSync, sign } from 'node:crypto'

const tlv = (tag: number, ...content: (Uint8Array | string)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)))
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...content: (Uint8Array | string)[]): Buffer => tlv(0x30, ...content)
const ascii = (tag: number, text: string): Buffer => tlv(tag, Buffer.from(text, 'ascii'))

const ECDSA_WITH_SHA256 = sequence('06082a8648ce3d040302')
const COMMON_NAME = '0603550403'
const SUBJECT_ALT_NAME = '0603551d11'

/** Key and certificate (PEM) for one DNS name (RFC 5280, 4.1). */
export function selfSigned(dnsName: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, ascii(0x0c, dnsName))))
  const validity = sequence(ascii(0x18, '20000101000000Z'), ascii(0x18, '99991231235959Z'))
  const altName = sequence(SUBJECT_ALT_NAME, tlv(0x04, sequence(ascii(0x82, dnsName))))
  const toBeSigned = sequence(
    tlv(0xa0, '020102'),
    '020101',
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(altName)),
  )
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, tlv(0x03, '00', sign('sha256', toBeSigned, privateKey)))
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
}
