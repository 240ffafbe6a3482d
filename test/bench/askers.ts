// Participants that only ask: as many DIDs as are wanted behind one small server, each with tokens of its own.

import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildDidDocument } from '../../src/domain/trust/did-document.ts'
import { instant } from '../../src/kernel/time.ts'
import { openKeys } from '../../src/trust/keys.ts'
import { signClaims } from '../../src/trust/signature.ts'
import { newFolder } from './scratch.ts'

export interface Asker {
  readonly did: string
  /** A whole Authorization value, used once. */
  readonly authorization: (audience: string) => string
}

/** All of them have the same key: what it costs to check a token does not depend on that. */
export async function openAskers(
  count: number,
): Promise<{ readonly askers: readonly Asker[]; readonly close: () => void }> {
  const keys = await openKeys(newFolder('asker-keys'), { algorithm: 'ES256', now: instant(Date.now()) })
  const server = createServer(({ url = '' }, response) => {
    const [, name = ''] = url.split('/')
    response.end(JSON.stringify(buildDidDocument(didOf(name), keys.all, `${origin}/.well-known/dspace-version`)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://localhost:${String(port)}`
  const didOf = (name: string): string => `did:web:localhost%3A${String(port)}:${name}`

  return {
    askers: Array.from({ length: count }, (_, number) => {
      const did = didOf(`asker-${String(number)}`)
      return {
        did,
        authorization: (audience) => {
          const iat = Math.floor(Date.now() / 1000)
          const claims = { iss: did, sub: did, aud: audience, jti: randomUUID(), iat, nbf: iat, exp: iat + 60 }
          return `Bearer ${signClaims(keys.current, `${did}#${keys.current.id}`, claims)}`
        },
      }
    }),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
