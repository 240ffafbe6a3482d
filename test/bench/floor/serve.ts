// How a floor program listens: on a free port of loopback, which it tells to whoever started it, and no longer than that one.

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Says `{url, …more}` once it listens. */
export function serve(listener: RequestListener, more: Readonly<Record<string, unknown>> = {}): void {
  process.once('disconnect', () => process.exit(0))
  const server = createServer(listener)
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.send?.({ url: `http://127.0.0.1:${String(port)}`, ...more })
  })
}
