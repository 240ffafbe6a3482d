// What every file of rules is read with: the vocabulary, the defaults and the templates of the same folder.

import type { Defaults, Template, Vocab } from './policy-set.ts'

export interface Context {
  readonly vocab: Vocab
  readonly defaults: Defaults
  readonly templates: ReadonlyMap<string, Template>
  /** The ids of templates with mistakes. Absent: there are none. */
  readonly broken?: ReadonlySet<string>
  /** Another one where the vocabulary or the defaults are others: then everything is read again. */
  readonly print: string
}
