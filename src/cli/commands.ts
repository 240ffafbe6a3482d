// Every command of `lingqu`, one row each. A command is loaded when it is called, so that the small ones stay quick.

import type { Command } from './outcome.ts'

export interface Option {
  /** What stands behind it in the help; without, it is a switch. */
  readonly value?: string
  readonly multiple?: boolean
  readonly summary: string
}

export interface CommandRow {
  readonly name: string
  /** All of them are needed. */
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, Option>>
  readonly summary: string
  readonly load: () => Promise<Command>
}

export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  json: { summary: 'the result as one JSON object on stdout' },
  config: { value: 'FILE', summary: 'the settings; else LINGQU_CONFIG, else config/connector.yaml' },
  data: { value: 'DIR', summary: 'the data directory; else LINGQU_DATA, else dataDir of the settings' },
  help: { summary: 'how to call it' },
}

const OUT: Option = {
  value: 'FILE|-',
  summary: 'fetches the data and checks it; - is stdout (the result goes to stderr)',
}
const PURPOSE: Option = { value: 'IRI', summary: 'what the data is fetched for; needs --out' }
const CLAIM: Option = { value: 'NAME=VALUE', multiple: true, summary: 'a fact about the peer, such as country=VN' }
const REASON: Option = { value: 'TEXT', summary: 'words for the counter-party' }
const FILE: Option = { value: 'FILE', summary: 'a database, or a copy of one; else connector.db of the data directory' }
const HEAD: Option = { value: 'HASH', summary: 'the hash of an entry, as shown earlier: detects a log that was cut' }
const KEEP: Option = { summary: 'keeps the folder with settings, databases and logs' }
const COUNT: Option = { value: 'N', summary: 'how many deliveries the offer allows (2): with 3, the demo must fail' }

// prettier-ignore
export const COMMANDS: readonly CommandRow[] = [
  row('start',                  [],                  {},                         'the connector, in the foreground',                    async () => (await import('./start.ts')).start),
  row('check',                  [],                  {},                         'settings and policies: all mistakes at once',         async () => (await import('./check.ts')).check),
  row('demo',                   [],                  { count: COUNT, keep: KEEP }, 'three connectors on this machine, one whole story', async () => (await import('./demo/demo.ts')).demo),
  row('connect',                ['peer', 'dataset'], { out: OUT, purpose: PURPOSE }, 'agreement, transfer and data; safe to repeat',    async () => (await import('./connect.ts')).connect),
  row('peers add',              ['name', 'did'],     { claim: CLAIM },           'admits a peer, with what is known of it',             async () => (await import('./peers.ts')).addPeer),
  row('peers list',             [],                  {},                         'the register of peers',                               async () => (await import('./peers.ts')).listPeers),
  row('peers remove',           ['peer'],            {},                         'strikes a peer (name or DID) off the register',       async () => (await import('./peers.ts')).removePeer),
  row('datasets add',           ['file'],            {},                         'publishes the dataset, or the list, of a YAML or JSON file', async () => (await import('./datasets.ts')).addDatasets),
  row('datasets list',          [],                  {},                         'what is published',                                   async () => (await import('./datasets.ts')).listDatasets),
  row('datasets remove',        ['id'],              {},                         'publishes it no longer',                              async () => (await import('./datasets.ts')).removeDataset),
  row('negotiations list',      [],                  {},                         'all contract negotiations',                           async () => (await import('./processes.ts')).list('negotiations')),
  row('negotiations show',      ['id'],              {},                         'one of them, with its offer',                         async () => (await import('./processes.ts')).show('negotiations')),
  row('negotiations terminate', ['id'],              { reason: REASON },         'ends it',                                             async () => (await import('./processes.ts')).act('negotiations', 'terminate')),
  row('transfers list',         [],                  {},                         'all transfer processes',                              async () => (await import('./processes.ts')).list('transfers')),
  row('transfers show',         ['id'],              {},                         'one of them',                                         async () => (await import('./processes.ts')).show('transfers')),
  row('transfers suspend',      ['id'],              { reason: REASON },         'pauses it: no data until it is resumed',              async () => (await import('./processes.ts')).act('transfers', 'suspend')),
  row('transfers resume',       ['id'],              {},                         'lets a paused one go on',                             async () => (await import('./processes.ts')).act('transfers', 'resume')),
  row('transfers complete',     ['id'],              {},                         'ends it well',                                        async () => (await import('./processes.ts')).act('transfers', 'complete')),
  row('transfers terminate',    ['id'],              { reason: REASON },         'ends it at once',                                     async () => (await import('./processes.ts')).act('transfers', 'terminate')),
  row('evidence verify',        [],                  { file: FILE, 'expect-head': HEAD }, 'recomputes the whole evidence log',          async () => (await import('./evidence.ts')).verify),
  row('identity show',          [],                  {},                         'the DID and its keys',                                async () => (await import('./identity.ts')).showIdentity),
  row('version',                [],                  {},                         'build, Node and schema of the database',              async () => (await import('./version.ts')).version),
]

function row(
  name: string,
  positionals: readonly string[],
  options: CommandRow['options'],
  summary: string,
  load: CommandRow['load'],
): CommandRow {
  return { name, positionals, options, summary, load }
}
