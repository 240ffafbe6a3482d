// The formats of a distribution that we serve, and in which direction the data of a format goes.

export const PULL = 'HttpData-PULL'
export const PUSH = 'HttpData-PUSH'

/** The consumer fetches the data. Names of others say it in the same way (data plane signaling, profiles). */
export function isPull(format: string): boolean {
  return /-pull$/i.test(format)
}

/** The provider sends the data to where the consumer wants it. */
export function isPush(format: string): boolean {
  return /-push$/i.test(format)
}
