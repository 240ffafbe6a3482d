// Which connections stay when there are too many: those with a request that is being served, and the youngest of the others.

import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Brings the connections of a server back to `connectionsMax`. Whoever comes when they are all taken takes the place of the
 * one that has been without a whole request for longest: a crowd that opens connections and says nothing, or says it slowly,
 * shuts nobody out. Where all are being served, the newcomer stays too, and the first that has its answer goes; how many may
 * wait so is for `maxConnections` to say.
 */
export function boundConnections(server: Server, connectionsMax: number): void {
  /** In the order in which they last became idle. */
  const idle = new Set<Socket>()
  let open = 0

  const isTls = 'setSecureContext' in server
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    open += 1
    const [oldest] = idle
    idle.add(socket)
    socket.once('close', () => {
      open -= 1
      idle.delete(socket)
    })
    if (open <= connectionsMax || oldest === undefined) return
    idle.delete(oldest)
    oldest.destroy()
  })
  server.on('request', (request, response) => {
    const { socket, headers } = request
    const isServed = (): void => {
      if (!response.closed) idle.delete(socket)
    }
    // A body that comes by drops makes its connection no busier.
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) isServed()
    else request.once('end', isServed)
    response.once('close', () => {
      idle.delete(socket)
      if (socket.destroyed) return
      if (open > connectionsMax) socket.destroySoon()
      else idle.add(socket)
    })
  })
}
