// What the analysis says of a policy: a code, how grave it is, where, in two languages, and where there is one a request that
// shows it.

import type { Situation } from './situation.ts'

/** `error`: it cannot have been meant. `warning`: it hardly was. `info`: worth knowing. */
export type Severity = 'error' | 'warning' | 'info'

export interface PolicyFinding {
  readonly code: AnalysisCode
  readonly severity: Severity
  /** In the policy, as in `permission[0].constraint[1]`. */
  readonly path: string
  readonly message: string
  readonly zh: string
  /** Confirmed by the evaluator. */
  readonly witness?: Situation
}

interface Sentence {
  readonly severity: Severity
  readonly en: string
  readonly zh: string
}

// `{0}` stands for the first of the words that go with a finding, `{1}` for the second.
// prettier-ignore
export const SENTENCES = {
  'unsat-constraint':       error('no request in any situation can fulfil this',                                      '任何情况下都不可能满足'),
  'unsat-constraint.both':  error('no request can fulfil this together with {0}',                                     '不可能与 {0} 同时满足'),
  'unsat-constraint.value': warning('no value fulfils this; it only passes where nothing is known',                   '没有任何取值能满足；仅在事实未知时才会通过'),
  'unsat-constraint.part':  warning('this alternative can never be the one that holds',                               '该备选条件永远不可能成立'),
  'unsat-constraint.duty':  warning('this never holds, so the duty is never owed',                                    '该条件永不成立，因此义务永远不会产生'),
  'always-true':            warning('this holds whatever the value is',                                               '无论取值如何都成立，等于没有限制'),
  'xone-overlap':           info('{0} and {1} can hold at the same time, and then this does not',                     '{0} 与 {1} 可以同时成立，此时整体不成立'),
  'sequence-deadlock':      error('each step can hold, but never all of them, so the sequence never ends',            '各步骤可单独成立，但无法全部成立，序列永远无法完成'),
  'shadowed-permission':    warning('this permits nothing that {0} does not permit',                                  '{0} 已包含该许可的全部内容'),
  'shadowed-permission.no': warning('whenever this permits, a prohibition prohibits: it never permits',               '每当该许可成立时都有禁止规则生效，因此永不生效'),
  'redundant-rule':         warning('{0} says the same',                                                              '与 {0} 重复'),
  'redundant-rule.less':    warning('{0} prohibits all of this already',                                              '{0} 已禁止其全部内容'),
  'perm-prohib-overlap':    warning('{0} and this hold together, and then the whole policy is void: say `conflict: prohibit` or `perm`', '{0} 与此同时成立时整个策略无效：请写明 `conflict: prohibit` 或 `perm`'),
  'perm-prohib-overlap.part': info('asked for {1}, {0} and this hold together, which voids the policy for that request: `conflict: prohibit` would say what is meant', '请求 {1} 时 {0} 与此同时成立，策略对该请求无效；写 `conflict: prohibit` 可表明本意'),
  'dead-prohibition':       warning('this never prohibits anything',                                                  '该禁止永远不会生效'),
  'dead-prohibition.unknown': warning('this prohibits only where a fact is not known',                                '该禁止仅在事实未知时生效'),
  'dead-prohibition.perm':  warning('with `conflict: perm` this changes nothing: what no permission permits is denied anyway', '在 `conflict: perm` 下该禁止不起作用：未获许可的行为本就被拒绝'),
  'dead-prohibition.closed': info('no permission permits any of this, so it is denied anyway',                        '没有许可涉及此行为，本就被拒绝'),
  'conflict-void':          error('whenever this permits, a prohibition holds too, and the policy is void: it never permits', '每当该许可成立时都有禁止同时成立，策略无效：永远不会允许'),
  'duty-unperformable':     error('{0} prohibits what this demands, whenever it is demanded',                         '{0} 恰在要求履行时禁止该行为'),
  'duty-unperformable.how': error('nothing that is done can be as the refinement demands',                            '无法以限定条件所要求的方式履行'),
  'unenforced-operand':     info('{0} is promised by contract; nothing here can enforce it',                          '“{0}”仅由合同约束，系统不强制执行'),
  'phase-gap':              warning('an agreement can be concluded, but no delivery is ever permitted under it',      '可以达成协议，但协议之下永远不允许交付'),
  'broad-party':            info('this names no party, place or membership: every admitted participant may',          '未限定参与方、地域或成员身份：任何被接纳的参与方均可'),
  'guardrail-dead':         error('nothing that this offer permits is permitted by {0}',                              '{0}不允许该要约所许可的任何内容'),
} as const satisfies Record<string, Sentence>

type SentenceKey = keyof typeof SENTENCES
type CodeOf<K extends string> = K extends `${infer Code}.${string}` ? Code : K
export type AnalysisCode = CodeOf<SentenceKey>

/** What each code is about, where no finding is at hand. */
// prettier-ignore
export const ANALYSIS_CODES: Readonly<Record<AnalysisCode, { readonly en: string; readonly zh: string }>> = {
  'unsat-constraint':    { en: 'nothing can fulfil it, alone or together with another', zh: '单独或与其他约束一起不可能满足' },
  'always-true':         { en: 'it holds whatever the value is',                        zh: '无论取值如何都成立' },
  'xone-overlap':        { en: 'two alternatives can hold at once',                     zh: '两个互斥备选条件可以同时成立' },
  'sequence-deadlock':   { en: 'the steps of a sequence can never all hold',            zh: '序列的各步骤无法全部成立' },
  'shadowed-permission': { en: 'another rule leaves nothing to this permission',        zh: '该许可被另一条规则完全覆盖' },
  'redundant-rule':      { en: 'another rule says the same',                            zh: '与另一条规则重复' },
  'perm-prohib-overlap': { en: 'a permission and a prohibition meet',                   zh: '许可与禁止可以同时成立' },
  'dead-prohibition':    { en: 'a prohibition that changes nothing',                    zh: '不起作用的禁止' },
  'conflict-void':       { en: 'whenever it permits, the policy is void',               zh: '每当许可成立时策略整体无效' },
  'duty-unperformable':  { en: 'a duty that nobody can perform',                        zh: '无法履行的义务' },
  'unenforced-operand':  { en: 'promised by contract; nothing here can enforce it',     zh: '仅由合同约束，系统不强制执行' },
  'phase-gap':           { en: 'an agreement under which nothing is ever delivered',    zh: '可以签约但永远不会交付' },
  'broad-party':         { en: 'no party, place or membership is named',                zh: '未限定参与方、地域或成员身份' },
  'guardrail-dead':      { en: 'the guardrails leave nothing of the offer',             zh: '护栏规则使要约完全失效' },
}

function error(en: string, zh: string): Sentence {
  return { severity: 'error', en, zh }
}

function warning(en: string, zh: string): Sentence {
  return { severity: 'warning', en, zh }
}

function info(en: string, zh: string): Sentence {
  return { severity: 'info', en, zh }
}

interface More {
  /** In English; and in Chinese where they differ. */
  readonly words?: readonly string[]
  readonly zhWords?: readonly string[]
  readonly witness?: Situation
}

export function finding(
  key: SentenceKey,
  path: string,
  { words = [], zhWords = words, witness }: More = {},
): PolicyFinding {
  const { severity, en, zh } = SENTENCES[key]
  const code = key.split('.')[0] as AnalysisCode
  const more = witness === undefined ? {} : { witness }
  return { code, severity, path, message: filled(en, words), zh: filled(zh, zhWords), ...more }
}

function filled(sentence: string, words: readonly string[]): string {
  return words.reduce((text, word, index) => text.replace(`{${String(index)}}`, () => word), sentence)
}
