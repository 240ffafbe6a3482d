// The acknowledgement of a peer, read as leniently as peers write it: a process object, or nothing at all.

const NAMESPACE = 'https://w3id.org/dspace/2025/1/'

export interface Ack {
  /** The pid of that name, if the answer holds one. */
  readonly pidOf: (name: 'providerPid' | 'consumerPid') => string | null
  /** The state without prefix or namespace; null where there is none. */
  readonly state: string | null
}

/** Reads a ContractNegotiation or TransferProcess in bare, prefixed or full spelling. Never fails: what is missing is null. */
export function readAck(json: unknown): Ack {
  const value = (name: string): string | null => {
    if (json === null || typeof json !== 'object') return null
    const members = json as Readonly<Record<string, unknown>>
    for (const key of [name, `dspace:${name}`, NAMESPACE + name]) {
      const text = textOf(members[key])
      if (text !== null) return text
    }
    return null
  }
  return {
    pidOf: value,
    state:
      value('state')
        ?.replace(NAMESPACE, '')
        .replace(/^dspace:/, '') ?? null,
  }
}

/** A string, or the string inside `{"@id": …}`, `{"@value": …}` or a list of one; at most 2,048 characters. */
function textOf(value: unknown): string | null {
  if (Array.isArray(value)) return value.length === 1 ? textOf(value[0]) : null
  // `.` and `..` would lead to another path (see `segment`).
  if (typeof value === 'string') return /^\.{0,2}$/.test(value) || value.length > 2048 ? null : value
  if (value === null || typeof value !== 'object') return null
  const { '@id': id, '@value': literal } = value as { '@id'?: unknown; '@value'?: unknown }
  return textOf(typeof id === 'string' ? id : typeof literal === 'string' ? literal : null)
}
