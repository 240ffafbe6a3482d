// A mistake in a file that a person wrote: where it is, what it is, and what was probably meant.

/** One mistake. `line` and `column` count from 1; both are 0 when there is no text to point at (an environment variable). */
export interface Finding {
  /** The path as the person gave it, or `environment`. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Stable, `area.what`. */
  readonly code: string
  /** What was expected and what came. */
  readonly message: string
  /** What to write instead. */
  readonly hint?: string
  /** A warning keeps nothing from being used. Absent: an error. */
  readonly severity?: 'error' | 'warning'
  /** The message in Chinese, where there is one. */
  readonly zh?: string
}

/** `config/connector.yaml:3:5 config.unknown-key: …`: one line for a terminal. */
export function findingLine({ file, line, column, code, message, hint }: Finding): string {
  const place = line === 0 ? file : `${file}:${String(line)}:${String(column)}`
  return `${place} ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`
}

/** What is only a warning keeps nothing from being used. */
export function isMistake({ severity }: Finding): boolean {
  return severity !== 'warning'
}

/** In reading order: by file, then line, then column. */
export function sortFindings<F extends Finding>(findings: readonly F[]): readonly F[] {
  return findings.toSorted((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
