// The scenarios of the official kit (DSP TCK 1.0), by their numbers: what must happen, and who does what in which order.
//
// `they X`: the counter-party sends X and gets a 2xx. `we X`: the connector's operator does X, and it arrives.
// `refused X`: the counter-party sends X, gets 400 with an error object, and nothing has moved.
// After each step the counter-party's GET must say the state that the step leads to.

export interface Scenario {
  readonly id: string
  /** The dataset or agreement under which `../dsp/script.ts` has the operator's part. */
  readonly key: string
  readonly rule: string
  readonly steps: string
}

const PREFIX: Readonly<Record<string, string>> = { CN: 'ACN', CN_C: 'ACNC', TP: 'ATP', TP_C: 'ATPC' }

function scenario(id: string, rule: string, steps: string): Scenario {
  const [suite = '', number = ''] = id.split(':')
  return { id, key: `${PREFIX[suite] ?? ''}${number.replace('-', '')}`, rule, steps }
}

// prettier-ignore
export const NEGOTIATIONS: readonly Scenario[] = [
  scenario('CN:01-01',   'as a provider it offers, and takes a termination then',                  'they request, we offer, they terminate'),
  scenario('CN:01-02',   'as a provider it takes a counter-request, and may terminate then',       'they request, we offer, they counter, we terminate'),
  scenario('CN:01-03',   'as a provider it agrees to an accepted offer, and finalizes',            'they request, we offer, they accept, we agree, they verify, we finalize'),
  scenario('CN:01-04',   'as a provider it agrees to a request, and finalizes',                    'they request, we agree, they verify, we finalize'),
  scenario('CN:02-01',   'as a provider it may terminate a request',                               'they request, we terminate'),
  scenario('CN:02-02',   'as a provider it takes a termination in REQUESTED',                      'they request, they terminate'),
  scenario('CN:02-03',   'as a provider it takes a termination in AGREED',                         'they request, we agree, they terminate'),
  scenario('CN:02-04',   'as a provider it takes a termination in OFFERED',                        'they request, we offer, they terminate'),
  scenario('CN:02-05',   'as a provider it may terminate its own offer',                           'they request, we offer, we terminate'),
  scenario('CN:02-06',   'as a provider it may terminate what was accepted',                       'they request, we offer, they accept, we terminate'),
  scenario('CN:02-07',   'as a provider it may terminate what was verified',                       'they request, we agree, they verify, we terminate'),
  scenario('CN:03-01',   'as a provider it refuses a termination in FINALIZED',                    'they request, we agree, they verify, we finalize, refused terminate'),
  scenario('CN:03-02',   'as a provider it refuses a verification in OFFERED',                     'they request, we offer, refused verify'),
  scenario('CN:03-03',   'as a provider it refuses a verification in ACCEPTED',                    'they request, we offer, they accept, refused verify'),
  scenario('CN:03-04',   'as a provider it refuses the same counter-request with another `@id`',   'they request, we offer, they counter, refused counter'),

  scenario('CN_C:01-01', 'as a consumer it accepts an offer, and verifies the agreement',          'we request, they offer, we accept, they agree, we verify, they finalize'),
  scenario('CN_C:01-02', 'as a consumer it counters an offer, and takes a termination then',       'we request, they offer, we counter, they terminate'),
  scenario('CN_C:01-03', 'as a consumer it may terminate in OFFERED',                              'we request, they offer, we terminate'),
  scenario('CN_C:01-04', 'as a consumer it verifies the agreement to its request',                 'we request, they agree, we verify, they finalize'),
  scenario('CN_C:02-01', 'as a consumer it takes a termination in REQUESTED',                      'we request, they terminate'),
  scenario('CN_C:02-02', 'as a consumer it may terminate its own request',                         'we request, we terminate'),
  scenario('CN_C:02-03', 'as a consumer it may terminate in AGREED',                               'we request, they agree, we terminate'),
  scenario('CN_C:02-04', 'as a consumer it takes a termination in OFFERED',                        'we request, they offer, they terminate'),
  scenario('CN_C:02-05', 'as a consumer it takes a termination in ACCEPTED',                       'we request, they offer, we accept, they terminate'),
  scenario('CN_C:02-06', 'as a consumer it takes a termination in VERIFIED',                       'we request, they agree, we verify, they terminate'),
  scenario('CN_C:03-01', 'as a consumer it refuses FINALIZED in REQUESTED',                        'we request, refused finalize'),
  scenario('CN_C:03-02', 'as a consumer it refuses an agreement in OFFERED',                       'we request, they offer, refused agree'),
  scenario('CN_C:03-03', 'as a consumer it refuses FINALIZED in OFFERED',                          'we request, they offer, refused finalize'),
  scenario('CN_C:03-04', 'as a consumer it refuses FINALIZED in ACCEPTED',                         'we request, they offer, we accept, refused finalize'),
  scenario('CN_C:03-05', 'as a consumer it refuses an offer in ACCEPTED',                          'we request, they offer, we accept, refused offer'),
  scenario('CN_C:03-06', 'as a consumer it refuses FINALIZED in AGREED',                           'we request, they offer, we accept, they agree, refused finalize'),
]

// TP:02-04 and TP_C:02-04 are switched off in the kit; the figure of DSP 2025-1 has them, and so have we.
// prettier-ignore
export const TRANSFERS: readonly Scenario[] = [
  scenario('TP:01-01',   'as a provider it starts, and may terminate then',                        'they request, we start, we terminate'),
  scenario('TP:01-02',   'as a provider it starts, and may complete then',                         'they request, we start, we complete'),
  scenario('TP:01-03',   'as a provider it may suspend, and terminate then',                       'they request, we start, we suspend, we terminate'),
  scenario('TP:01-04',   'as a provider it may suspend, resume and complete',                      'they request, we start, we suspend, we resume, we complete'),
  scenario('TP:01-05',   'as a provider it may terminate a request',                               'they request, we terminate'),
  scenario('TP:02-01',   'as a provider it takes a termination in STARTED',                        'they request, we start, they terminate'),
  scenario('TP:02-02',   'as a provider it takes a completion in STARTED',                         'they request, we start, they complete'),
  scenario('TP:02-03',   'as a provider it takes a suspension, and a termination then',            'they request, we start, they suspend, they terminate'),
  scenario('TP:02-04',   'as a provider it takes a start of the consumer in SUSPENDED',            'they request, we start, they suspend, they resume, they complete'),
  scenario('TP:02-05',   'as a provider it takes a termination in REQUESTED',                      'they request, they terminate'),
  scenario('TP:03-01',   'as a provider it refuses a completion in REQUESTED',                     'they request, refused complete'),
  scenario('TP:03-02',   'as a provider it refuses a suspension in REQUESTED',                     'they request, refused suspend'),
  scenario('TP:03-03',   'as a provider it refuses a completion in SUSPENDED',                     'they request, we start, they suspend, refused complete'),
  scenario('TP:03-04',   'as a provider it refuses a start in TERMINATED',                         'they request, we start, they terminate, refused resume'),
  scenario('TP:03-05',   'as a provider it refuses a suspension in TERMINATED',                    'they request, we start, they terminate, refused suspend'),
  scenario('TP:03-06',   'as a provider it refuses a completion in TERMINATED',                    'they request, we start, they terminate, refused complete'),

  scenario('TP_C:01-01', 'as a consumer it takes a start, and a termination then',                 'we request, they start, they terminate'),
  scenario('TP_C:01-02', 'as a consumer it takes a start, and a completion then',                  'we request, they start, they complete'),
  scenario('TP_C:01-03', 'as a consumer it takes a suspension, and a termination then',            'we request, they start, they suspend, they terminate'),
  scenario('TP_C:01-04', 'as a consumer it takes a second start after a suspension',               'we request, they start, they suspend, they start, they complete'),
  scenario('TP_C:01-05', 'as a consumer it takes a termination in REQUESTED',                      'we request, they terminate'),
  scenario('TP_C:02-01', 'as a consumer it may terminate in STARTED',                              'we request, they start, we terminate'),
  scenario('TP_C:02-02', 'as a consumer it may complete in STARTED',                               'we request, they start, we complete'),
  scenario('TP_C:02-03', 'as a consumer it may suspend, and terminate then',                       'we request, they start, we suspend, we terminate'),
  scenario('TP_C:02-04', 'as a consumer it may suspend, resume and complete',                      'we request, they start, we suspend, we resume, we complete'),
  scenario('TP_C:02-05', 'as a consumer it may terminate its own request',                         'we request, we terminate'),
  scenario('TP_C:03-01', 'as a consumer it refuses a completion in REQUESTED',                     'we request, refused complete'),
  scenario('TP_C:03-02', 'as a consumer it refuses a suspension in REQUESTED',                     'we request, refused suspend'),
  scenario('TP_C:03-03', 'as a consumer it refuses a completion in SUSPENDED',                     'we request, they start, they suspend, refused complete'),
  scenario('TP_C:03-04', 'as a consumer it refuses a start in TERMINATED',                         'we request, they start, they terminate, refused resume'),
  scenario('TP_C:03-05', 'as a consumer it refuses a suspension in TERMINATED',                    'we request, they start, they terminate, refused suspend'),
  scenario('TP_C:03-06', 'as a consumer it refuses a completion in TERMINATED',                    'we request, they start, they terminate, refused complete'),
]

/** What the kit has and does not run. */
export const SWITCHED_OFF_IN_THE_KIT: ReadonlySet<string> = new Set(['TP:02-04', 'TP_C:02-04'])
