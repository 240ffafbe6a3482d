// The version document of DSP 2025-1: ours, and where a peer's leads.

import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import { DSP_VERSION } from './messages.ts'

/** Where the protocol stands below our root, and where its version document does below any root. */
export const DSP_PATH = `/dsp/${DSP_VERSION}`
export const VERSION_PATH = '/.well-known/dspace-version'

export interface ProtocolVersion {
  readonly version: string
  readonly path: string
  readonly binding: 'HTTPS'
  readonly serviceId: string
  readonly identifierType: string
}

export interface VersionDocument {
  readonly protocolVersions: readonly ProtocolVersion[]
}

/**
 * What we answer on the well-known path: plain JSON, without context or type (DSP, "Version endpoint").
 *
 * @param serviceId the `@id` of our DataService
 * @param path      what leads from the root of this document to the protocol's base; differs when it is served below a path
 */
export function versionDocument(serviceId: string, path: string = DSP_PATH): VersionDocument {
  return {
    protocolVersions: [{ version: DSP_VERSION, path, binding: 'HTTPS', serviceId, identifierType: 'did:web' }],
  }
}

/** How many versions of a peer are looked at. */
const VERSIONS_MAX = 64

/** An absolute path of plain segments: no query, no fragment, nothing that leads to another host. */
const PATH_PATTERN = /^\/(?!\/)[A-Za-z0-9._~!$&'()*+,;=:@%/-]*$/

/** `.` and `..` lead to another path, percent-encoded or not. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * The base URL of a peer's DSP 2025-1, without a slash at its end.
 *
 * @param document the peer's version document, as parsed
 * @param root     its URL up to, and without, `/.well-known/dspace-version`
 * @returns `peer.malformed` if it is no version document, `peer.version` if it has no 2025-1 over HTTPS: then nothing
 *          more may be said to this peer
 */
export function dspBase(document: unknown, root: string): Result<string> {
  const versions = membersOf(document)['protocolVersions']
  if (!Array.isArray(versions) || versions.length === 0 || versions.length > VERSIONS_MAX) {
    const expected = `expected a version document with 1 to ${String(VERSIONS_MAX)} protocolVersions`
    return bad('peer.malformed', `${expected}, and something else came`, 'protocolVersions')
  }

  const entries = versions.map(membersOf)
  const matching = entries.filter(({ version, binding }) => version === DSP_VERSION && binding === 'HTTPS')
  // Several services may offer the same version; ours are identified by did:web, so that one comes first.
  const chosen = matching.find(({ identifierType }) => identifierType === 'did:web') ?? matching[0]
  if (chosen === undefined) {
    const offered = entries.map(({ version }) => (typeof version === 'string' ? version : '?')).join(', ')
    const expected = `expected a peer that speaks DSP ${DSP_VERSION} over HTTPS`
    return bad('peer.version', `${expected}, and it offers ${offered.slice(0, 100)}`, 'protocolVersions')
  }

  const { path } = chosen
  if (typeof path !== 'string' || path.length > 1_024 || !PATH_PATTERN.test(path) || DOT_SEGMENT.test(path)) {
    const place = `protocolVersions[${String(entries.indexOf(chosen))}].path`
    return bad('peer.malformed', 'expected an absolute path such as /dsp/2025-1', place)
  }
  return good(`${withoutSlash(root)}${withoutSlash(path)}`)
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}
