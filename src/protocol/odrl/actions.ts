// The actions that a policy may speak of: which includes which (`includedIn`), and which older name stands for which.

/** The actions of ODRL 2.2 by parent. `use` and `transfer` are its two roots. */
// prettier-ignore
const ODRL: Readonly<Record<string, readonly string[]>> = {
  use: [
    'acceptTracking', 'aggregate', 'annotate', 'anonymize', 'archive', 'attribute', 'compensate', 'concurrentUse',
    'delete', 'derive', 'digitize', 'distribute', 'ensureExclusivity', 'execute', 'grantUse', 'include', 'index',
    'inform', 'install', 'modify', 'move', 'nextPolicy', 'obtainConsent', 'play', 'present', 'print', 'read',
    'reproduce', 'reviewPolicy', 'stream', 'synchronize', 'textToSpeech', 'transform', 'translate', 'uninstall',
    'watermark',
  ],
  play:      ['display'],
  reproduce: ['extract'],
  transfer:  ['give', 'sell'],
}

/** Those of the project's profile, for what digital contracts (TC609-6-2025-14) and cross-border rules name and ODRL does not. */
// prettier-ignore
const TDS: Readonly<Record<string, readonly string[]>> = {
  use:       ['tds:access', 'tds:download', 'tds:compute', 'tds:delivery', 'tds:encryptTransport', 'tds:dsrAssist'],
  // Weaker than to anonymise: the one never stands in for the other upwards.
  anonymize: ['tds:desensitize'],
  derive:    ['tds:process', 'tds:jointDevelop'],
  grantUse:  ['tds:subProcess'],
  inform:    [
    'tds:logRecordSend', 'tds:alert', 'tds:fulfilmentProof', 'tds:fileContract', 'tds:breachNotice', 'tds:authorityReport',
  ],
}

/** Deprecated actions with an exact match. Those without one (`lease`, `preview`, …) are not understood. */
// prettier-ignore
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['append',   'modify'],
  ['appendTo', 'modify'],
  ['copy',     'reproduce'],
  ['export',   'transform'],
  ['license',  'grantUse'],
  ['pay',      'compensate'],
  ['write',    'modify'],
  ['writeTo',  'modify'],
])

/** Stands for every action; only where a policy may leave its action out (`policy evaluate`). */
export const ANY_ACTION = '*'

const PARENT: ReadonlyMap<string, string | null> = new Map([
  ['use', null],
  ['transfer', null],
  ...[ODRL, TDS].flatMap((includes) =>
    Object.entries(includes).flatMap(([parent, children]) => children.map((child) => [child, parent] as const)),
  ),
])

/** The names that ODRL's own namespace has, deprecated ones included. */
export const ODRL_ACTIONS: readonly string[] = [...PARENT.keys(), ...SYNONYMS.keys()].filter(
  (name) => !name.startsWith('tds:'),
)

/** Every name that is understood. */
export const ACTIONS: readonly string[] = [...PARENT.keys(), ...SYNONYMS.keys()]

/** The action that a short name stands for, deprecated names resolved; null if there is none. */
export function currentAction(name: string): string | null {
  const current = SYNONYMS.get(name) ?? name
  return PARENT.has(current) ? current : null
}

/** Whether a rule about `action` is about `asked` too: they are the same, or `asked` is included in it (both canonical). */
export function covers(action: string, asked: string): boolean {
  if (action === ANY_ACTION) return true
  for (let name: string | null = asked; name !== null; name = PARENT.get(name) ?? null) {
    if (name === action) return true
  }
  return false
}
