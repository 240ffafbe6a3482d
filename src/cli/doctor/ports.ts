// Whether the ports are free for a connector that is to start, or answered by the one that runs.

import { connect, createServer } from 'node:net'
import { allFine, type Check, type Patient } from './check.ts'

interface Port {
  readonly setting: 'public' | 'management'
  readonly host: string
  readonly port: number
}

const CONNECT_TIMEOUT_MS = 3_000

export async function checkPorts({ settings, isRunning }: Patient): Promise<Check> {
  const { config } = settings
  const ports: readonly Port[] = [
    { setting: 'public', ...config.public },
    { setting: 'management', ...config.management },
  ]
  const found = await Promise.all(ports.map(isRunning ? whyDeaf : whyTaken))
  const names = ports.map(({ host, port }) => `${host}:${String(port)}`).join(' and ')
  return allFine(
    found.filter((each) => each !== null),
    isRunning ? `${names} answer` : `${names} are free`,
  )
}

function whyTaken({ setting, host, port }: Port): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is taken by another program: stop that one'
          : error.code === 'EACCES'
            ? 'may not be opened by this user: take one above 1023'
            : `cannot be opened (${String(error.code)})`
      resolve(`${host}:${String(port)} ${why}, or change ${setting}.host and ${setting}.port`)
    })
    server.listen(port, host, () => server.close(() => resolve(null)))
  })
}

function whyDeaf({ setting, host, port }: Port): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port })
    const end = (why: string | null): void => {
      socket.destroy()
      resolve(why)
    }
    const deaf = `the connector runs, and nothing answers at ${host}:${String(port)}: it was started with another ${setting}.port, or is still starting; restart it`
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(deaf))
    socket.once('connect', () => end(null))
    socket.once('error', () => end(deaf))
  })
}
