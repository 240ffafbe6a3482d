// Whether the public URL leads here: what answers there must carry our DID and our key.

import { readFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { didWebUrl } from '../../domain/trust/did-web.ts'
import { readDidDocument } from '../../domain/trust/did-document.ts'
import { askJson } from './ask.ts'
import { allFine, fine, isProblem, orProblem, type Check, type Patient } from './check.ts'

const DAY_MS = 86_400_000
const EXPIRES_SOON_DAYS = 14

export async function checkPublicUrl(patient: Patient, clock: () => number): Promise<Check> {
  const { settings, isRunning } = patient
  const { publicUrl, did } = settings.derived
  const ofCertificate = certificateFaults(patient)
  if (!isRunning) {
    if (ofCertificate.length > 0) return allFine(ofCertificate, '')
    return fine('not asked, for the connector does not run: start it, and ask the doctor again')
  }
  const places = new Set([`${publicUrl}/.well-known/did.json`, ...placeOfDid(did, publicUrl)])
  const found = await Promise.all([...places].map((url) => whatIsWrongAt(url, patient, clock)))
  return allFine(
    [...ofCertificate, ...found.flatMap((each) => each ?? [])],
    `${publicUrl} leads here, and carries our key`,
  )
}

/** Where peers look for the document, which need not be below the public URL. */
function placeOfDid(did: string, publicUrl: string): readonly string[] {
  const isHttp = publicUrl.startsWith('http:')
  const url = didWebUrl(did, () => isHttp)
  return url.ok ? [url.value] : []
}

async function whatIsWrongAt(url: string, patient: Patient, clock: () => number): Promise<string | null> {
  const { settings, keys, callOwn } = patient
  const { did } = settings.derived
  const answer = await orProblem(async () => ({ json: await askJson(callOwn, url, patient, clock) }))
  if (isProblem(answer)) {
    return `${answer.message}: peers cannot reach us there; check DNS, firewall, reverse proxy and public.url`
  }
  const document = readDidDocument(answer.json, did)
  if (!document.ok) {
    return `${url} is answered by somebody else (${document.problem.message}): check DNS, reverse proxy and public.url`
  }
  if (isProblem(keys)) return null
  const published = document.value.verificationMethod.flatMap(({ publicKeyJwk }) => publicKeyJwk?.['x'] ?? [])
  const isOurs = keys.some(({ publicJwk }) => published.includes(publicJwk.x))
  return isOurs
    ? null
    : `${url} carries our DID and none of the keys of this data directory: another connector answers there, or an old one behind a cache`
}

function certificateFaults({ settings, now }: Patient): readonly string[] {
  const { tls } = settings.config.public
  if (tls === undefined) return []
  try {
    const { validTo } = new X509Certificate(readFileSync(tls.certFile))
    const days = Math.floor((Date.parse(validTo) - now) / DAY_MS)
    if (days >= EXPIRES_SOON_DAYS) return []
    return [
      `the certificate in ${tls.certFile} ${days < 0 ? 'has expired' : `expires in ${String(days)} days`} (${validTo}): renew it`,
    ]
  } catch (error) {
    return [
      `the certificate in ${tls.certFile} cannot be read (${error instanceof Error ? error.message : String(error)})`,
    ]
  }
}
