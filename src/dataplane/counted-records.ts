// The records of a body that has them line by line, counted as they pass; and a stop before the first one that may not leave.

import type { ByteStream } from '../kernel/http-call.ts'

const LINE_FEED = 10

/** Each line is a record; so is the header of a table, and each line of a quoted field that has several: never too few. */
const BY_LINES: ReadonlySet<string> = new Set([
  'text/csv',
  'text/tab-separated-values',
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
])

/** Whether the records of data of this media type can be counted. */
export function hasRecords(mediaType: string): boolean {
  const [type = ''] = mediaType.split(';')
  return BY_LINES.has(type.trim().toLowerCase())
}

/** What decides about records as they come, the first being 1. */
export interface RecordGate {
  /** The first record before which it has to be asked. */
  readonly askAt: () => number
  /** Whether this one may leave; the one before it has. */
  readonly mayBegin: (record: number) => boolean
  /** Told how many have begun, before their bytes leave. */
  readonly onRecords: (begun: number) => void
}

/** The same bytes, up to the first record that may not leave: there it ends. A record counts with its first byte. */
export function countedRecords(body: ByteStream, { askAt, mayBegin, onRecords }: RecordGate): ByteStream {
  return {
    async *[Symbol.asyncIterator]() {
      let records = 0
      let isInside = false
      for await (const piece of body) {
        let from = 0
        for (let at = 0; at < piece.byteLength;) {
          if (!isInside) {
            if (records + 1 >= askAt()) {
              // What may leave leaves first: a refusal ends the stream at once.
              onRecords(records)
              if (at > from) yield piece.subarray(from, at)
              from = at
              if (!mayBegin(records + 1)) return
            }
            records++
          }
          const end = piece.indexOf(LINE_FEED, at)
          isInside = end === -1
          at = isInside ? piece.byteLength : end + 1
        }
        onRecords(records)
        yield from === 0 ? piece : piece.subarray(from)
      }
    },
    destroy: (error) => body.destroy(error),
  }
}
