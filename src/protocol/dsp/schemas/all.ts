// Every message of DSP 2025-1 and the schema that describes its compact form. Ours, held against the official ones by a test.

import type { MessageType } from '../messages.ts'
import { CATALOG_SCHEMAS } from './catalog.ts'
import { NEGOTIATION_SCHEMAS } from './negotiation.ts'
import type { Schema } from './parts.ts'
import { TRANSFER_SCHEMAS } from './transfer.ts'

export const SCHEMAS: Readonly<Record<MessageType, Schema>> = {
  ...CATALOG_SCHEMAS,
  ...NEGOTIATION_SCHEMAS,
  ...TRANSFER_SCHEMAS,
}
