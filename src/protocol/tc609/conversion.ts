// What becomes of a policy on its way between two languages: nothing is lost without a word. What has no counterpart is refused
// by name; what comes out otherwise than it went in is listed as changed.

export interface Conversion<T> {
  /** Without the rules in which something was refused. */
  readonly converted: T
  readonly refused: readonly Refused[]
  readonly changed: readonly Changed[]
}

// prettier-ignore
export type RefusalCode =
  | 'unknown-member'      // a key that the form does not have
  | 'unknown-action'      // no such word, or one without a counterpart
  | 'unknown-constraint'  // a name or a left operand without a counterpart
  | 'unknown-operator'    // none of the codes, or an operator that the other side cannot mean
  | 'value'               // a value of another form than the constraint has
  | 'unit'                // a unit that is missing, has no counterpart, or has two readings
  | 'logic'               // `xone`, `andSequence`, or an `or` that cannot be split
  | 'timing'              // a duty that would be due at another time
  | 'no-counterpart'      // something that the other side cannot say at all
  | 'form' // not what is expected in this place

export interface Refused {
  /** In what was read. */
  readonly path: string
  readonly code: RefusalCode
  /** What was expected and what came. */
  readonly message: string
}

export interface Changed {
  /** In what was read. */
  readonly path: string
  readonly from: string
  /** Null: it says nothing there, because the rest says it already. */
  readonly to: string | null
}

/** What the readers of one policy share. */
export interface Converting {
  readonly refused: Refused[]
  readonly changed: Changed[]
}

/** The null is what the reader then gives. */
export function refuse({ refused }: Converting, path: string, code: RefusalCode, message: string): null {
  refused.push({ path, code, message })
  return null
}

export function change({ changed }: Converting, path: string, from: string, to: string | null): void {
  changed.push({ path, from, to })
}

/** All of them, or null if one was refused: half of a rule is another rule. */
export function whole<T>(values: readonly (T | null)[]): readonly T[] | null {
  return values.every((value) => value !== null) ? values : null
}
