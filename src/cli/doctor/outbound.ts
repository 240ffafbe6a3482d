// Whether what stands between us and others works: the outgoing proxy and the further certificate authorities.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { allFine, type Check, type Patient } from './check.ts'

const CONNECT_TIMEOUT_MS = 3_000
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

export async function checkOutbound({ settings, now }: Pick<Patient, 'settings' | 'now'>): Promise<Check> {
  const { proxy, extraCaFile } = settings.config.outbound
  const found = [
    ...(proxy === undefined ? [] : [await whyUnreached(proxy)]),
    ...(extraCaFile === undefined ? [] : whyUnusable(extraCaFile, now)),
  ].filter((each) => each !== null)
  const through =
    proxy === undefined
      ? 'no proxy: names are checked, and addresses pinned'
      : `through ${proxy}: names are checked, and addresses are not pinned, for the proxy resolves them`
  return allFine(found, `${through}${extraCaFile === undefined ? '' : `; further authorities from ${extraCaFile}`}`)
}

function whyUnreached(proxy: string): Promise<string | null> {
  const { hostname, port, protocol } = new URL(proxy)
  const target = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  }
  return new Promise((resolve) => {
    const socket = connect(target)
    const end = (why: string | null): void => {
      socket.destroy()
      resolve(
        why === null
          ? null
          : `the proxy ${proxy} cannot be reached (${why}), and every call to a peer goes through it: check outbound.proxy`,
      )
    }
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end('no answer'))
    socket.once('connect', () => end(null))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

function whyUnusable(file: string, now: number): readonly string[] {
  try {
    const blocks = readFileSync(file, 'utf8').match(CERTIFICATE) ?? []
    if (blocks.length === 0) return [`${file} holds no certificate (PEM): check outbound.extraCaFile`]
    return blocks.flatMap((block) => {
      const { subject, validTo } = new X509Certificate(block)
      if (Date.parse(validTo) > now) return []
      return [`the authority ${subject.replaceAll('\n', ', ')} in ${file} has expired (${validTo}): replace it`]
    })
  } catch (error) {
    return [
      `${file} cannot be used (${error instanceof Error ? error.message : String(error)}): check outbound.extraCaFile`,
    ]
  }
}
