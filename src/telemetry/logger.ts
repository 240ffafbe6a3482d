// Log lines: one JSON object each, on stderr, because stdout carries results only.

import { destination, pino, stdTimeFunctions, type DestinationStream } from 'pino'
import type { Log, LogFields } from '../kernel/log.ts'
import { redacted } from './redact.ts'

const STDERR = 2

/** Names that the line itself uses; a field of the same name would stand there twice. */
const RESERVED = new Set(['level', 'time', 'event'])

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Where the lines go; stderr when left out. */
  readonly to?: DestinationStream
}

/** `{"level":"info","time":"…Z","event":"outbox.refused", …fields}`. Written at once: nothing is lost when the process dies. */
export function createLogger({ level, to = destination({ fd: STDERR, sync: true }) }: LoggerOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    to,
  )
  const at = (name: LoggerOptions['level']): Log['info'] => {
    return (event, fields = {}) => {
      // Asked first: redaction costs more than the line that is not written.
      if (logger.isLevelEnabled(name)) logger[name](fieldsOf(fields), event)
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function fieldsOf(fields: LogFields): LogFields {
  const renamed = Object.entries(fields).map(
    ([name, value]) => [RESERVED.has(name) ? `${name}_` : name, value] as const,
  )
  return redacted(Object.fromEntries(renamed))
}
