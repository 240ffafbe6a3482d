// Every command of `lingqu`, one row each. A command is loaded when it is called, so that the small ones stay quick.

import { row, type CommandRow, type Option } from './command-row.ts'
import { POLICY_COMMANDS } from './policy/commands.ts'

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
const PEER: Option = { value: 'NAME|DID', summary: 'the participant that is asked about' }
const DATASET: Option = { value: 'ID', summary: 'the dataset that is asked about' }
const OFFER: Option = { value: 'ID', summary: 'one offer only' }
const PHASE: Option = { value: 'PHASE', summary: 'catalogue, negotiation, start or during; else all that lead to data' }
const SCOPE: Option = { value: 'S', summary: 'viewer, steward, administrator or auditor' }
const NAME: Option = { value: 'NAME', summary: 'by which evidence names it; else the scope and a random number' }
const WITH_KEYS: Option = {
  summary: 'with the signing keys and the master key in clear: keep it as safe as the data directory',
}
const AT_ONCE: Option = {
  summary: 'the present key is known to others: it goes now, and messages in flight are sent again',
}
const KEEP: Option = { summary: 'keeps the folder with settings, databases and logs' }
const COUNT: Option = { value: 'N', summary: 'how many deliveries the offer allows (2): with 3, the demo must fail' }

// prettier-ignore
export const COMMANDS: readonly CommandRow[] = [
  row('start',                  [],                  {},                         'the connector, in the foreground',                    async () => (await import('./start.ts')).start),
  row('check',                  [],                  {},                         'settings and policies: all mistakes at once',         async () => (await import('./check.ts')).check),
  row('doctor',                 [],                  {},                         'looks for trouble, and says what to do about it',     async () => (await import('./doctor/doctor.ts')).doctor),
  row('health',                 [],                  {},                         'whether it serves, for the check of a container',     async () => (await import('./health.ts')).health),
  row('demo',                   [],                  { count: COUNT, keep: KEEP }, 'three connectors on this machine, one whole story', async () => (await import('./demo/demo.ts')).demo),
  row('connect',                ['peer', 'dataset'], { out: OUT, purpose: PURPOSE }, 'agreement, transfer and data; safe to repeat',    async () => (await import('./connect.ts')).connect),
  row('explain',                [],                  { peer: PEER, dataset: DATASET, offer: OFFER, phase: PHASE }, 'why a participant can or cannot see or use a dataset', async () => (await import('./explain.ts')).explain),
  ...POLICY_COMMANDS,
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
  row('identity rotate',        [],                  { 'at-once': AT_ONCE },     'another signing key; no message in flight is lost',   async () => (await import('./identity.ts')).rotateIdentity),
  row('tokens add',             [],                  { scope: SCOPE, name: NAME }, 'makes a management token, and shows it this once',  async () => (await import('./tokens.ts')).addToken),
  row('tokens list',            [],                  {},                         'management tokens, without their values',             async () => (await import('./tokens.ts')).listTokens),
  row('tokens revoke',          ['name'],            {},                         'it is good for nothing any more',                     async () => (await import('./tokens.ts')).revokeToken),
  row('retention run',          [],                  {},                         'removes now what is over and was kept long enough',   async () => (await import('./retention.ts')).runRetention),
  row('backup',                 ['file'],            { 'with-keys': WITH_KEYS }, 'one consistent file, while the connector runs',       async () => (await import('./backup.ts')).backup),
  row('restore',                ['file'],            {},                         'puts a backup in place of the database, verified',    async () => (await import('./restore.ts')).restore),
  row('version',                [],                  {},                         'build, Node and schema of the database',              async () => (await import('./version.ts')).version),
]
