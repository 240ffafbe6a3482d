// Bytes on a connection, as an attacker writes them: no client between that would mend or refuse them.

import { connect, type Socket } from 'node:net'

/** A connection on which nothing has come for so long has nothing more to say. */
const QUIET_MS = 1_000

/**
 * Writes all of it, and gives all that came back until the other side closed or fell silent. Our side stays open: Node takes
 * a closed one for somebody who has gone.
 */
export function exchange(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const got: Uint8Array[] = []
    socket.setTimeout(QUIET_MS, () => socket.destroy())
    socket.on('data', (chunk: Uint8Array) => got.push(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      resolve(Buffer.concat(got).toString('latin1'))
    })
    for (const piece of pieces) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  })
}

/** A request, line by line; what follows the empty line comes after it. */
export function lines(first: string, ...headers: readonly string[]): string {
  return `${[first, ...headers].join('\r\n')}\r\n\r\n`
}

/** The status of every answer in what came back. */
export function statusesIn(answers: string): readonly number[] {
  return [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

/** An answer without the one header that tells the time. */
export function withoutDate(answer: string): string {
  return answer.replace(/^Date: .*\r\n/im, '')
}

/** A connection that stays open and has said nothing yet; `null` where it was refused or closed at once. */
export function openSocket(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const gone = (): void => {
      resolve(null)
    }
    socket.once('close', gone)
    socket.on('error', () => socket.destroy())
    socket.once('connect', () => {
      socket.off('close', gone)
      resolve(socket)
    })
  })
}
