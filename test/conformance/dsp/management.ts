// The connector as its operator sees it: the management API over HTTP, and its event stream.

export interface Management {
  /** Calls `/api/v1<path>`; throws with the problem document for anything but a 2xx. */
  call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>
  /** Every evidence entry from now on; ends when `signal` aborts. */
  events(signal: AbortSignal): AsyncIterable<EvidenceEvent>
}

export interface EvidenceEvent {
  readonly type: string
  readonly pid?: string
  readonly ext?: Readonly<Record<string, unknown>>
}

export class ManagementError extends Error {
  readonly status: number
  constructor(status: number, text: string) {
    super(`${String(status)} ${text}`)
    this.status = status
  }
}

export function managementAt(url: string, token: string): Management {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

  return {
    call: async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new ManagementError(response.status, text)
      return (text === '' ? null : JSON.parse(text)) as T
    },
    events: async function* (signal) {
      const response = await fetch(`${url}/api/v1/events`, { headers, signal })
      if (!response.ok || response.body === null) throw new ManagementError(response.status, 'no event stream')
      let rest = ''
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const events = (rest + chunk).split('\n\n')
        rest = events.pop() ?? ''
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1]
          if (data !== undefined) yield JSON.parse(data) as EvidenceEvent
        }
      }
    },
  }
}
