// ODRL policies as DSP 2025-1 carries them, after normalisation: short ODRL names, arrays everywhere, plain strings as values.

import type { AgreementId, DatasetId, OfferId, ParticipantId } from '../ids.ts'

/** The twelve operators of ODRL 2.2 (`term-lteq`, a misprint in the DSP schema, is read as `lteq`). */
export type Operator =
  'eq' | 'neq' | 'lt' | 'lteq' | 'gt' | 'gteq' | 'isA' | 'hasPart' | 'isPartOf' | 'isAllOf' | 'isAnyOf' | 'isNoneOf'

/** The lexical form; which type it has is the left operand's affair. DSP allows neither numbers nor booleans here. */
export type RightOperand = string | readonly string[]

export interface AtomicConstraint {
  readonly leftOperand: string
  readonly operator: string
  readonly rightOperand: RightOperand
}

/** `and`, `or`, `xone`, `andSequence`: exactly one of them. */
export interface LogicalConstraint {
  readonly and?: readonly Constraint[]
  readonly or?: readonly Constraint[]
  readonly xone?: readonly Constraint[]
  readonly andSequence?: readonly Constraint[]
}

export type Constraint = AtomicConstraint | LogicalConstraint

export interface Duty {
  readonly action: string
  readonly constraint?: readonly Constraint[]
}

export interface Rule {
  readonly action: string
  readonly constraint?: readonly Constraint[]
  /** Of a permission only. */
  readonly duty?: readonly Duty[]
}

/** What an Offer and an Agreement have in common: the rules. Empty lists are left out, as the schema demands. */
export interface Rules {
  readonly profile?: string | readonly string[]
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
