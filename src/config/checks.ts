// What a schema cannot say: settings that each are well-formed and together make no sense. Pure.

import { isIP } from 'node:net'
import type { Settings } from './config.ts'
import { isLoopback } from './derive.ts'
import { shown, type Mistake } from './mistakes.ts'

/** @param settings that the schema accepts */
export function checkSettings(settings: Settings): readonly Mistake[] {
  return [
    ...checkPublic(settings),
    ...checkPorts(settings),
    ...settings.outbound.allowNetworks.flatMap(checkNetwork),
    ...repeated(['identity', 'trustList'], 'did', settings.identity.trustList),
    ...repeated(['identity', 'staticTokens'], 'participant', settings.identity.staticTokens),
    ...repeated(['identity', 'staticTokens'], 'inbound', settings.identity.staticTokens),
    ...repeated(['protocol', 'spellings'], 'participant', settings.protocol.spellings),
  ]
}

function checkPublic({ participant, public: { url, host, port } }: Settings): readonly Mistake[] {
  const path = ['public', 'url']
  const parsed = URL.parse(url)
  const isOrigin = parsed !== null && (url === parsed.origin || url === `${parsed.origin}/`)
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || !isOrigin) {
    // The well-known paths of did:web and DSP hang on the root of the host, so a path here could not work.
    const message = `expected http(s)://host or http(s)://host:port in lower case and nothing behind it, got ${shown(path, url)}`
    return [mistake(path, 'config.value', message, 'for example https://connector.example')]
  }
  // A did:web names a host, never an address (did:web method, "Method-specific identifier").
  if (participant.did === undefined && (parsed.hostname.startsWith('[') || isIP(parsed.hostname) !== 0)) {
    const message = `expected a host name, from which the DID follows, got the address ${parsed.hostname}`
    return [mistake(path, 'config.value', message, 'a name that peers can resolve, or participant.did')]
  }
  if (!isLoopback(parsed)) return []

  const mistakes: Mistake[] = []
  if (host !== '127.0.0.1' && host !== 'localhost') {
    const message = `expected 127.0.0.1 because public.url says localhost, got ${host}`
    const hint = 'to be reached from elsewhere, give public.url the name under which peers reach this connector'
    mistakes.push(mistake(['public', 'host'], 'config.loopback', message, hint))
  }
  const portOfUrl = Number(parsed.port === '' ? (parsed.protocol === 'https:' ? 443 : 80) : parsed.port)
  if (portOfUrl !== port) {
    const message = `expected the port that public.url says, ${portOfUrl}, got ${port}`
    mistakes.push(mistake(['public', 'port'], 'config.loopback', message, 'set both public.port and public.url'))
  }
  return mistakes
}

function checkPorts({ public: { port }, management }: Settings): readonly Mistake[] {
  if (port !== management.port) return []
  const message = `expected a port of its own, got ${port}, which is public.port`
  return [mistake(['management', 'port'], 'config.value', message)]
}

function checkNetwork(network: string, index: number): readonly Mistake[] {
  const [address = '', prefix = ''] = network.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  if (Number(prefix) <= bits) return []
  const message = `expected an address and the number of its leading bits, got ${shown([], network)}`
  return [mistake(['outbound', 'allowNetworks', String(index)], 'config.value', message, 'for example 10.20.0.0/16')]
}

/** Entries that claim the same `key` twice: only one of them could ever count. */
function repeated<Key extends string>(
  path: readonly string[],
  key: Key,
  entries: readonly Readonly<Record<Key, string>>[],
): readonly Mistake[] {
  return entries.flatMap((entry, index) => {
    const first = entries.findIndex((other) => other[key] === entry[key])
    if (first === index) return []
    const message = `expected a ${key} of its own, got the one of entry ${first + 1}`
    return [mistake([...path, String(index), key], 'config.value', message)]
  })
}

function mistake(path: readonly string[], code: string, message: string, hint?: string): Mistake {
  return { path, at: 'value', code, message, ...(hint === undefined ? {} : { hint }) }
}
