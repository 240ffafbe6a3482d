// Secrets at rest: sealed with AES-256-GCM under the master key of this connector, each for the one place where it stands.

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { OpenSecret, Sealed, SealSecret } from '../domain/delivery/sealed-source.ts'
import type { Result } from '../kernel/problem.ts'
import { bad, good, problem, ProblemError } from '../kernel/problem.ts'

export interface Seal {
  /** Tells keys apart and gives nothing of one away: 16 hexadecimal digits. */
  readonly keyId: string
  readonly seal: SealSecret
  /** Refuses (`secret.sealed`) what was sealed with another key, for another place, or was changed since. */
  readonly open: OpenSecret
  /** Whether it was this key that sealed it. Looks at the name of the key only. */
  readonly isMine: (sealed: Sealed) => boolean
}

const MASTER_KEY_BYTES = 32

const ALGORITHM = 'aes-256-gcm'
/** 96 random bits: the length that GCM is made for (NIST SP 800-38D, 8.2.2); good for some 2³² secrets under one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Version, name of the key, then nonce, ciphertext and tag in base64url. */
const FORM = /^v1\.([0-9a-f]{16})\.([\w-]+)$/

/** Bytes from a source fit for secrets. */
type RandomBytes = (bytes: number) => Uint8Array

/** The seal under a key of 32 bytes. */
export function createSeal(key: Uint8Array, randomBytes: RandomBytes): Seal {
  if (key.byteLength !== MASTER_KEY_BYTES) {
    throw new ProblemError(problem('config.invalid', `expected a master key of ${String(MASTER_KEY_BYTES)} bytes`))
  }
  const keyId = createHash('sha256').update('lingqu master key\n').update(key).digest('hex').slice(0, 16)

  return {
    keyId,
    seal: (secret, owner, member) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(placeOf(owner, member))
      const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return { sealed: `v1.${keyId}.${sealed.toString('base64url')}` }
    },
    open: ({ sealed }, owner, member): Result<string> => {
      const [, sealedWith, text = ''] = FORM.exec(sealed) ?? []
      if (sealedWith === undefined) return unreadable('is not in a form that this build knows')
      if (sealedWith !== keyId) return unreadable('was sealed with another master key than the present one')
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.byteLength < NONCE_BYTES + TAG_BYTES) return unreadable('is too short')
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      decipher.setAAD(placeOf(owner, member))
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        const inside = bytes.subarray(NONCE_BYTES, -TAG_BYTES)
        return good(Buffer.concat([decipher.update(inside), decipher.final()]).toString('utf8'))
      } catch {
        // Node says no more than that it does not authenticate, and there is no more to say.
        return unreadable('was changed, or stands in another place than the one it was sealed for')
      }
    },
    isMine: ({ sealed }) => FORM.exec(sealed)?.[1] === keyId,
  }
}

/**
 * The seal of this connector: under the key that was given, else under the one in `file`, which is made at the first start and
 * readable by its user only. Throws `config.invalid` where the file holds no key.
 */
export function openSeal(file: string, given: Uint8Array | null, randomBytes: RandomBytes): Seal {
  if (given !== null) return createSeal(given, randomBytes)
  if (!existsSync(file))
    writeFileSync(file, `${Buffer.from(randomBytes(MASTER_KEY_BYTES)).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9A-Fa-f]{64}$/.test(text)) {
    throw new ProblemError(problem('config.invalid', `expected a master key as 64 hexadecimal digits in ${file}`))
  }
  return createSeal(Buffer.from(text, 'hex'), randomBytes)
}

/** What a secret is bound to, with no two places alike. */
function placeOf(owner: string, member: string): Uint8Array {
  return Buffer.from(JSON.stringify([owner, member]))
}

function unreadable(why: string): ReturnType<typeof bad> {
  return bad('secret.sealed', `a credential of this source ${why}`)
}
