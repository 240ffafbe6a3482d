// When something shall happen later: the one way in which the shell waits, so that a simulation can run it faster than time.

/** Runs `wake` once, `ms` from now; with 0 as soon as what is under way is done. Gives the way to call it off. */
export type SetTimer = (ms: number, wake: () => void) => () => void

/** Node's own timers, which do not keep the process alive. */
export const setTimer: SetTimer = (ms, wake) => {
  if (ms <= 0) {
    const soon = setImmediate(wake)
    return () => {
      clearImmediate(soon)
    }
  }
  const timer = setTimeout(wake, ms).unref()
  return () => {
    clearTimeout(timer)
  }
}

/** Whether `work` came to its end within that time. It goes on where it has not. */
export function finishes(ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const callOff = setTimer(ms, () => {
      resolve(false)
    })
    work.then(() => {
      callOff()
      resolve(true)
    }, reject)
  })
}
