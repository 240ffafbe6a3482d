// How anything above the kernel says what happened: an event name and plain fields. `telemetry` makes the lines.

/** Fields of one event. Names are part of what operators rely on; values must be plain data, or a Problem or Error. */
export type LogFields = Readonly<Record<string, unknown>>

/** `event` is `area.what` (`outbox.refused`): constant, so that it can be searched; what varies goes into `fields`. */
type LogEvent = (event: string, fields?: LogFields) => void

export interface Log {
  readonly debug: LogEvent
  readonly info: LogEvent
  readonly warn: LogEvent
  readonly error: LogEvent
}

/** Says nothing: for tests and for tools whose result is their output. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

function nothing(): void {
  // Deliberately empty.
}
