// The two web-hooks by which the kit asks the connector's operator to begin something as a consumer.

import { createServer } from 'node:http'
import type { Management } from './management.ts'

const TRANSFERS_HOOK = '/transfers/requests'

interface Wish {
  readonly providerId: string
  readonly connectorAddress: string
  readonly offerId?: string
  readonly datasetId?: string
  readonly agreementId?: string
  readonly format?: string
}

/** Serves both; resolves with the way to close. Steps are taken by hand throughout. */
export async function serveHooks(host: string, port: number, management: Management): Promise<() => Promise<void>> {
  async function grant(path: string, wish: Wish): Promise<void> {
    if (path === TRANSFERS_HOOK) {
      await management.call('POST', '/transfers', { agreementId: wish.agreementId, format: wish.format })
      return
    }
    await management.call('POST', '/negotiations', {
      counterPartyId: wish.providerId,
      counterPartyAddress: wish.connectorAddress,
      offer: { '@id': wish.offerId, '@type': 'Offer', target: wish.datasetId, permission: [{ action: 'use' }] },
      automation: { onOffered: 'manual', onAgreed: 'manual' },
    })
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      grant(request.url ?? '', JSON.parse(Buffer.concat(chunks).toString('utf8')) as Wish).then(
        () => response.writeHead(200).end(),
        (error: unknown) => {
          console.error(`hook: ${String(error)}`)
          // The kit repeats after a 4xx: what was begun must not begin twice.
          response.writeHead(500).end()
        },
      )
    })
  })
  await new Promise<void>((done) => server.listen(port, host, done))
  return () =>
    new Promise((done) => {
      server.close(() => {
        done()
      })
      server.closeAllConnections()
    })
}
