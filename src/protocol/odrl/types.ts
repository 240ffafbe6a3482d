// ODRL policies as DSP 2025-1 carries them, after normalisation: short ODRL names, arrays everywhere, plain strings as values.

import type { AgreementId, DatasetId, OfferId, ParticipantId } from '../ids.ts'

/** The twelve operators of ODRL 2.2 (`term-lteq`, a misprint in the DSP schema, is read as `lteq`). */
export type Operator =
  'eq' | 'neq' | 'lt' | 'lteq' | 'gt' | 'gteq' | 'isA' | 'hasPart' | 'isPartOf' | 'isAllOf' | 'isAnyOf' | 'isNoneOf'

/** The lexical form; which type it has is the left operand's affair. DSP allows neither numbers nor booleans here. */
export type RightOperand = string | readonly string[]

export interface AtomicConstraint {
  /** Its uid, where it has one. */
  readonly '@id'?: string
  readonly leftOperand: string
  readonly operator: string
  readonly rightOperand: RightOperand
  /** Of the right operand: a currency (ISO 4217) for `payAmount`. */
  readonly unit?: string
  /** The IRI of the right operand's type, where it was written; the left operand decides what is read. */
  readonly dataType?: string
}

/** `and`, `or`, `xone`, `andSequence`: exactly one of them. */
export interface LogicalConstraint {
  readonly '@id'?: string
  readonly and?: readonly Constraint[]
  readonly or?: readonly Constraint[]
  readonly xone?: readonly Constraint[]
  readonly andSequence?: readonly Constraint[]
}

export type Constraint = AtomicConstraint | LogicalConstraint

/** An asset or a party that a rule names: itself, or whatever belongs to a collection and fits the refinement. */
export interface Scope {
  readonly id: string
  readonly isCollection: boolean
  readonly refinement?: readonly Constraint[]
}

/** The functions of parties in a rule that say whom it is about; the others (`informedParty` …) are carried in `parties`. */
export interface Scopes {
  readonly target?: Scope
  readonly assigner?: Scope
  readonly assignee?: Scope
}

export interface Duty {
  readonly '@id'?: string
  readonly action: string
  /** Of the action: what the request must be like (ODRL IM 2.2, 2.3). */
  readonly refinement?: readonly Constraint[]
  readonly constraint?: readonly Constraint[]
  /** In addition to the policy's own; DSP keeps a rule's target and parties on the policy. */
  readonly scopes?: Scopes
  /** By function: `informedParty`, `compensatedParty` … */
  readonly parties?: Readonly<Record<string, string>>
  /** What is owed too once the duty was not fulfilled in time; not of a consequence or a remedy. */
  readonly consequence?: readonly Duty[]
}

export interface Rule extends Duty {
  /** Of a permission only. */
  readonly duty?: readonly Duty[]
  /** Of a prohibition only. */
  readonly remedy?: readonly Duty[]
}

/** Which rule wins where a permission and a prohibition meet (ODRL IM 2.2, 2.10). */
export type Conflict = 'perm' | 'prohibit' | 'invalid'

/** What an Offer and an Agreement have in common: the rules. Empty lists are left out, as the schema demands. */
export interface Rules {
  readonly profile?: string | readonly string[]
  /** Absent: `invalid`. */
  readonly conflict?: Conflict
  readonly permission?: readonly Rule[]
  readonly prohibition?: readonly Rule[]
  readonly obligation?: readonly Duty[]
}

/** An Offer inside a catalogue: no target (DSP catalog protocol: MUST NOT). */
export interface Offer extends Rules {
  readonly '@id': OfferId
  readonly '@type'?: 'Offer'
  readonly assigner?: ParticipantId
  readonly assignee?: ParticipantId
}

/** An Offer inside a message: it names the dataset. */
export interface MessageOffer extends Offer {
  readonly '@type': 'Offer'
  readonly target: DatasetId
}

export interface Agreement extends Rules {
  readonly '@id': AgreementId
  readonly '@type': 'Agreement'
  readonly target: DatasetId
  readonly assigner: ParticipantId
  readonly assignee: ParticipantId
  /** xsd:dateTime; required by the text, not by the schema. */
  readonly timestamp: string
}
