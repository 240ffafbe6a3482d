// What can be wrong with policy files, by code: how grave it is, and the sentence that says it in English and in Chinese.

import type { Finding } from '../finding.ts'

interface Code {
  readonly severity: 'error' | 'warning'
  readonly en: string
  readonly zh: string
}

// prettier-ignore
const CODES = {
  // The text and its form
  'syntax':               error('the text is neither YAML 1.2 nor JSON',                          '文本不是合法的 YAML 1.2 或 JSON'),
  'unknown-key':          error('a key that nothing knows here',                                  '此处没有这个键'),
  'unknown-file':         error('a file that would be without effect',                            '此文件不会有任何作用'),
  'form':                 error('another form was expected',                                      '写法不符合格式'),
  'missing':              error('something that must be there is missing',                        '缺少必需的内容'),
  'duplicate-id':         error('the same id stands in two files',                                '两个文件使用了同一个标识'),
  'over-limit':           error('more than a limit allows',                                       '超出上限'),
  // Vocabulary
  'unknown-operand':      error('a left operand that is not understood, or not here',             '不认识的左操作数，或此处不能使用'),
  'unknown-action':       error('an action that is not understood',                               '不认识的动作'),
  'unknown-profile':      error('a profile that is not known',                                    '不认识的 ODRL 概要（profile）'),
  'unknown-template':     error('a template that is not there',                                   '没有这个模板'),
  'unknown-parent':       error('an offer to inherit from that is not there',                     '没有可继承的这个要约'),
  'unknown-subject':      error('a test of something that is not there',                          '测试的对象不存在'),
  'unknown-term':         warning('a name that the vocabulary files do not have',                 '词表文件中没有这个名称'),
  'unknown-unit':         warning('a currency that ISO 4217 does not have',                       'ISO 4217 没有这种货币'),
  'not-understood':       error('ODRL that is not followed here',                                 '此处不支持的 ODRL 内容'),
  // Types and units
  'operator-type':        error('an operator that the left operand does not take',                '该左操作数不接受这个操作符'),
  'value-type':           error('a value of another type than the left operand has',              '值的类型与左操作数不符'),
  'unit-missing':         error('an amount without a currency (ISO 4217)',                        '金额缺少货币单位（ISO 4217）'),
  'datetime-lexical':     error('a date and time that is not written as xsd:dateTime',            '日期时间不符合 xsd:dateTime 的写法'),
  'tz-missing':           error('a date and time without a zone means another instant to each reader', '日期时间缺少时区，各方理解会不一致'),
  'duration-months':      warning('months where minutes may have been meant',                     '写的是“月”，可能想写“分钟”'),
  'number-on-wire':       warning('a number is sent as text, which may not be how it was written', '数字会作为文本发出，可能与所写不同'),
  // Rules
  'consequence-nesting':  error('a consequence or a remedy must not have a consequence',          '违约责任或补救措施之下不得再有违约责任'),
  'duty-timing':          warning('a duty that cannot be fulfilled before the data are there',    '此义务在取得数据之前无法履行，按事后义务处理'),
  'operator-not-advised': warning('an operator that hardly says what was meant',                  '不建议在此使用这个操作符'),
  'wire-lossy':           error('something that would be lost on the way to a peer',              '发送给对方时会丢失的内容'),
  'template-param':       error('a parameter of a template, or its value, is wrong',              '模板参数或其取值不正确'),
  'inherit-cycle':        error('an offer that inherits from itself',                             '要约的继承关系成环'),
  'conflict-void':        error('strategies for conflicts that contradict each other',            '冲突策略互相矛盾，策略将整体无效'),
  // Care
  'broad-party':          warning('every admitted participant may agree to it',                   '任何被接纳的参与方都可以签约'),
  'i18n-missing':         warning('a text that is not there in English and Chinese',              '缺少中文或英文文本'),
  'missing-test':         warning('no test looks at it',                                          '没有针对它的测试'),
  'test-failed':          error('a test of the folder does not come out as it expects',             '文件夹中的一个测试与预期不符'),
  'expired':              warning('it has come to its end',                                       '已经到期'),
  'review-overdue':       warning('a template that should have been reviewed by now',             '模板已过复核期限'),
} as const satisfies Record<string, Code>

export type FindingCode = keyof typeof CODES

function error(en: string, zh: string): Code {
  return { severity: 'error', en, zh }
}

function warning(en: string, zh: string): Code {
  return { severity: 'warning', en, zh }
}

/** The general sentence of a code; null for one that another part of the connector gives. */
export function codeOf(code: string): Code | null {
  return Object.hasOwn(CODES, code) ? CODES[code as FindingCode] : null
}

export interface At {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A finding as grave as its code says, or less. */
export function findingAt(
  { file, line, column }: At,
  code: FindingCode,
  message: string,
  more: Pick<Finding, 'hint' | 'zh' | 'severity'> = {},
): Finding {
  const severity = more.severity ?? CODES[code].severity
  return {
    ...{ file, line, column, code, message },
    ...(more.hint !== undefined && { hint: more.hint }),
    ...(more.zh !== undefined && { zh: more.zh }),
    ...(severity === 'warning' && { severity }),
  }
}
