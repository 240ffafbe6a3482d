// What can go wrong, as data: one closed list of codes, each of one kind, and one table that says what a kind means.

/** What each kind means on each surface. `evidence` speaks of messages from an authenticated sender to a known process. */
// prettier-ignore
export const KINDS = {
  //                  DSP       management       data       log            evidence          does a retry help?
  malformed:       { dsp: 400, management: 400, data: 400, log: 'info',  evidence: false, retry: 'no' },
  too_large:       { dsp: 413, management: 413, data: 413, log: 'info',  evidence: false, retry: 'no' },
  unauthenticated: { dsp: 401, management: 401, data: 401, log: 'info',  evidence: false, retry: 'no' },
  unknown:         { dsp: 404, management: 404, data: 404, log: 'info',  evidence: false, retry: 'no' },
  refused:         { dsp: 400, management: 409, data: 409, log: 'info',  evidence: true,  retry: 'no' },
  denied:          { dsp: 400, management: 422, data: 403, log: 'info',  evidence: true,  retry: 'no' },
  busy:            { dsp: 503, management: 429, data: 429, log: 'warn',  evidence: false, retry: 'later' },
  unavailable:     { dsp: 503, management: 503, data: 503, log: 'warn',  evidence: false, retry: 'yes' },
  defect:          { dsp: 500, management: 500, data: 500, log: 'error', evidence: false, retry: 'perhaps' },
} as const

export type ProblemKind = keyof typeof KINDS

/** Every code that any surface can answer with. Stable: users and scripts rely on them; README lists them. */
// prettier-ignore
export const PROBLEMS = {
  'body.empty':               'malformed',
  'body.not-utf8':            'malformed',
  'body.not-json':            'malformed',
  'body.duplicate-key':       'malformed',
  'body.too-deep':            'malformed',
  'body.too-large':           'too_large',
  'body.encoded':             'malformed',
  'body.media-type':          'malformed',
  'message.schema':           'malformed',
  'message.pids':             'malformed',
  'message.callback':         'malformed',
  'message.repeat-differs':   'malformed',
  'filter.unsupported':       'malformed',
  'request.malformed':        'malformed',
  'request.host':             'malformed',

  'token.missing':            'unauthenticated',
  'token.malformed':          'unauthenticated',
  'token.algorithm':          'unauthenticated',
  'token.key':                'unauthenticated',
  'token.signature':          'unauthenticated',
  'token.subject':            'unauthenticated',
  'token.audience':           'unauthenticated',
  'token.expired':            'unauthenticated',
  'token.not-yet-valid':      'unauthenticated',
  'token.too-long':           'unauthenticated',
  'token.too-large':          'unauthenticated',
  'token.replayed':           'unauthenticated',
  'token.unknown':            'unauthenticated',
  'token.not-renewed':        'unavailable',
  'token.scope':              'denied',
  'token.last':               'refused',
  'participant.not-admitted': 'unauthenticated',
  'did.unresolvable':         'unauthenticated',
  'did.malformed':            'unauthenticated',
  'key.unsupported':          'unauthenticated',

  'process.unknown':          'unknown',
  'process.ended':            'refused',
  'resource.unknown':         'unknown',
  'path.unknown':             'unknown',

  'move.illegal':             'refused',
  'move.pending':             'refused',
  'move.not-understood':      'refused',
  'offer.unknown':            'refused',
  'offer.differs':            'refused',
  'offer.not-understood':     'refused',
  'agreement.unknown':        'refused',
  'agreement.differs':        'refused',
  'agreement.not-final':      'refused',
  'agreement.ended':          'refused',
  'format.unsupported':       'refused',
  'transfer.not-started':     'denied',
  'resource.exists':          'refused',
  'resource.limit':           'refused',
  'idempotency.differs':      'refused',
  'range.unsatisfiable':      'malformed',

  'policy.denied':            'denied',
  'policy.not-understood':    'denied',
  'policy.invalid':           'malformed',
  'policy.wire-lossy':        'malformed',

  'address.forbidden':        'denied',
  'peer.unreachable':         'unavailable',
  'peer.malformed':           'unavailable',
  'peer.version':             'unavailable',
  'peer.refused':             'refused',
  'source.unavailable':       'unavailable',
  'source.unknown':           'unknown',
  'source.path':              'denied',
  'source.query':             'denied',
  'source.method':            'denied',
  'secret.sealed':            'unavailable',
  'push.stopped':             'refused',
  'sink.unavailable':         'unavailable',
  'data.cut':                 'unavailable',
  'data.digest':              'unavailable',
  'delivery.deadline':        'unavailable',
  'store.full':               'unavailable',
  'store.unavailable':        'unavailable',
  'store.newer':              'unavailable',
  'store.in-use':             'refused',
  'store.damaged':            'refused',
  'config.invalid':           'malformed',
  'busy.limit':               'busy',
  'busy.overtaken':           'busy',
  'stopping':                 'unavailable',
  'defect':                   'defect',
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof PROBLEMS

/** A refusal or failure as a value. `message` says what was expected and what came; `path` says where in the input. */
export interface Problem {
  readonly code: ProblemCode
  readonly message: string
  readonly path?: string | undefined
}

export function problem(code: ProblemCode, message: string, path?: string): Problem {
  return path === undefined ? { code, message } : { code, message, path }
}

export function kindOf({ code }: Problem): ProblemKind {
  return PROBLEMS[code]
}

/** Either a value or the reason why there is none: what decisions and parsers return. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

export function good<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function bad(code: ProblemCode, message: string, path?: string): { ok: false; problem: Problem } {
  return { ok: false, problem: problem(code, message, path) }
}

/** Carries a Problem up through the shell to the one handler of the surface that turns it into bytes. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem, options?: { cause?: unknown }) {
    super(`${problem.code}: ${problem.message}`, options)
    this.problem = problem
  }
}

/** The last step from value to exception: gives the value, or throws the Problem. */
export function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new ProblemError(result.problem)
}
