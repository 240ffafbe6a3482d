// The certificate and key of our own TLS: read at the start, and again when either file changes, without a restart.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { sha256Hex } from '../kernel/digest.ts'
import type { Log } from '../kernel/log.ts'
import { problem, ProblemError } from '../kernel/problem.ts'

export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
}

export interface TlsPair {
  readonly cert: string
  readonly key: string
  /** When the certificate ends, in milliseconds since the epoch. */
  readonly endsAtMs: number
}

/** Throws `config.invalid` with the file and the reason: missing, no PEM, or a key that is not that of the certificate. */
export function readTls({ certFile, keyFile }: TlsFiles): TlsPair {
  const cert = textOf('public.tls.certFile', certFile)
  const key = textOf('public.tls.keyFile', keyFile)
  try {
    createSecureContext({ cert, key })
    return { cert, key, endsAtMs: Date.parse(new X509Certificate(cert).validTo) }
  } catch (cause) {
    const sentence = `${certFile} and ${keyFile} are no certificate with its key: ${messageOf(cause)}`
    throw new ProblemError(problem('config.invalid', sentence, 'public.tls'), { cause })
  }
}

export interface TlsWatch {
  readonly endsAtMs: () => number
  readonly stop: () => void
}

export interface TlsWatchOptions {
  readonly log: Log
  /** How often the files are read: a few kilobytes. It holds for mounts and links that are swapped as a whole too. */
  readonly everyMs: number
}

/** New connections get what the files hold now; those that are open go on. Half a change is not taken: the old pair stays. */
export function watchTls(server: Server, files: TlsFiles, first: TlsPair, { log, everyMs }: TlsWatchOptions): TlsWatch {
  let pair = first
  let seen = seenIn(files)
  const look = (): void => {
    const now = seenIn(files)
    if (now === seen) return
    seen = now
    try {
      pair = readTls(files)
      server.setSecureContext(pair)
      log.info('tls.reloaded', { certFile: files.certFile, endsAt: new Date(pair.endsAtMs).toISOString() })
    } catch (error) {
      log.warn('tls.not-reloaded', { error, hint: 'the certificate before stays in use' })
    }
  }
  const timer = setInterval(look, everyMs).unref()
  return {
    endsAtMs: () => pair.endsAtMs,
    stop: () => {
      clearInterval(timer)
    },
  }
}

/** Another value for other contents; files that cannot be read are contents too. */
function seenIn({ certFile, keyFile }: TlsFiles): string {
  return [certFile, keyFile]
    .map((file) => {
      try {
        return sha256Hex(readFileSync(file, 'utf8'))
      } catch (error) {
        return messageOf(error)
      }
    })
    .join(' ')
}

function textOf(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProblemError(problem('config.invalid', `${setting} cannot be read: ${messageOf(cause)}`, setting), {
      cause,
    })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
