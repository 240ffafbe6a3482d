// Who is at the management API: a token by its digest, and whether its scope covers the work.

import type { Request } from 'express'
import { may, type Work } from '../../domain/access/scopes.ts'
import type { Reader } from '../../domain/ledger.ts'
import { sha256Hex } from '../../kernel/digest.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'

/** The name of the token, for evidence. Throws `token.missing`, `token.unknown`, `token.scope`. */
export type Permit = (request: Request, work: Work) => string

export function createPermit(reader: Reader): Permit {
  return (request, work) => {
    const [, token = ''] = /^bearer +(\S{1,200})$/i.exec(request.get('authorization') ?? '') ?? []
    if (token === '')
      throw new ProblemError(problem('token.missing', 'expected Authorization: Bearer <management token>'))
    const found = reader.get('managementToken', sha256Hex(token))
    if (found === null || found.revokedAt !== null) {
      throw new ProblemError(problem('token.unknown', 'this management token is not known here, or was revoked'))
    }
    if (!may(found.scope, work)) {
      throw new ProblemError(problem('token.scope', `a token of scope ${found.scope} may not ${work}`))
    }
    return found.name
  }
}
