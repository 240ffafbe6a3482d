// The words of the Chinese digital contract (TC609-6-2025-14, tables C.5 and C.6, and annex A of -15) beside those of ODRL and
// the project's profile: actions, constraints, operators, and the codes of its enumerations.

import { PULL } from '../dsp/formats.ts'
import type { Operator } from '../odrl/types.ts'

export interface ActionWord {
  /** As published, misprints included: what goes out. */
  readonly name: string
  /** In Chinese; read as well. */
  readonly zh: string
  readonly ours: string
  /** Other spellings that are read: a misprint put right, or a second word for the same. */
  readonly also?: readonly string[]
}

// prettier-ignore
export const TC609_ACTIONS: readonly ActionWord[] = [
  { name: 'transform',     zh: '转换',         ours: 'transform' },
  { name: 'anonymize',     zh: '匿名化',       ours: 'anonymize' },
  // Weaker than to anonymise; neither is ever written for the other.
  { name: 'desensitize',   zh: '脱敏',         ours: 'tds:desensitize' },
  { name: 'access',        zh: '访问',         ours: 'tds:access' },
  { name: 'read',          zh: '读取',         ours: 'read' },
  { name: 'reproduce',     zh: '复制',         ours: 'reproduce' },
  { name: 'storage',       zh: '存储',         ours: 'archive' },
  { name: 'download',      zh: '下载',         ours: 'tds:download' },
  { name: 'process',       zh: '加工',         ours: 'tds:process' },
  { name: 'jointDevelop',  zh: '联合开发',     ours: 'tds:jointDevelop' },
  { name: 'distribute',    zh: '分发',         ours: 'distribute' },
  { name: 'compute',       zh: '计算',         ours: 'tds:compute' },
  { name: 'grantUse',      zh: '授权使用',     ours: 'grantUse' },
  { name: 'plicyTransmit', zh: '策略传递',     ours: 'nextPolicy', also: ['policyTransmit'] },
  { name: 'delivery',      zh: '交付',         ours: 'tds:delivery' },
  { name: 'sell',          zh: '交易',         ours: 'sell' },
  { name: 'logRecordSend', zh: '行为记录发送', ours: 'tds:logRecordSend' },
  { name: 'delete',        zh: '删除',         ours: 'delete' },
  { name: 'alert',         zh: '异常提醒',     ours: 'tds:alert' },
  { name: 'compensate',    zh: '补偿',         ours: 'compensate' },
  // Annex A of -15 names it by its Chinese word only.
  { name: '使用通知',      zh: '使用通知',     ours: 'inform' },
]

/** How the value of a constraint is written there, where it is not written as here. */
export type ValueForm = 'plain' | 'instant' | 'window' | 'interval' | 'place' | 'bytes' | 'money' | 'code'

export interface ConstraintWord {
  readonly name: string
  readonly zh: string
  readonly ours: string
  readonly form: ValueForm
  readonly also?: readonly string[]
}

/** Two rows share the name `timeWindow`: the form of the value says which of them is meant. */
// prettier-ignore
export const TC609_CONSTRAINTS: readonly ConstraintWord[] = [
  { name: 'time',                  zh: '时间',           ours: 'dateTime',          form: 'instant' },
  { name: 'timeWindow',            zh: '时间窗口',       ours: 'timeInterval',      form: 'interval' },
  { name: 'timeWindow',            zh: '时间窗口',       ours: 'tds:dailyWindow',   form: 'window' },
  { name: 'region',                zh: '区域',           ours: 'spatial',           form: 'place' },
  { name: 'networkAddress',        zh: '网络地址',       ours: 'virtualLocation',   form: 'plain' },
  { name: 'physicalAddress',       zh: '物理地址',       ours: 'systemDevice',      form: 'plain' },
  { name: 'count',                 zh: '次数',           ours: 'count',             form: 'plain' },
  { name: 'frequency',             zh: '频率',           ours: 'tds:frequency',     form: 'plain' },
  { name: 'dataSize',              zh: '数据量',         ours: 'tds:dataSize',      form: 'bytes' },
  { name: 'dateRecord',            zh: '数据记录数',     ours: 'tds:recordCount',   form: 'plain', also: ['dataRecord'] },
  { name: 'dataField',             zh: '数据字段',       ours: 'tds:dataField',     form: 'plain' },
  { name: 'valueExpression',       zh: '值表达式',       ours: 'tds:rowFilter',     form: 'plain' },
  { name: 'application',           zh: '应用程序',       ours: 'tds:application',   form: 'plain' },
  { name: 'algorithm',             zh: '算法',           ours: 'tds:algorithm',     form: 'plain' },
  { name: 'machineLearningModels', zh: '机器学习模型',   ours: 'tds:model',         form: 'plain' },
  { name: 'executionEnv',          zh: '运行环境',       ours: 'tds:executionEnv',  form: 'code' },
  { name: 'encryptMode',           zh: '加密方式',       ours: 'tds:encryptMode',   form: 'code' },
  { name: 'deliveryMethod',        zh: '交付方式',       ours: 'deliveryChannel',   form: 'code' },
  { name: 'payAmount',             zh: '支付金额',       ours: 'payAmount',         form: 'money' },
  // Annex A of -15 names these by their Chinese words only.
  { name: '限定交付连接器',        zh: '限定交付连接器', ours: 'recipient',         form: 'plain' },
  { name: '限定使用连接器',        zh: '限定使用连接器', ours: 'tds:connectorId',   form: 'plain' },
  { name: '限定状态',              zh: '限定状态',       ours: 'tds:assetState',    form: 'plain' },
]

// prettier-ignore
export const TC609_OPERATORS: Readonly<Record<string, Operator>> = {
  '01': 'eq',      '02': 'gt',      '03': 'gteq',     '04': 'hasPart',  '05': 'isA', '06': 'isAllOf',
  '07': 'isAnyOf', '08': 'isNoneOf', '09': 'isPartOf', '10': 'lt',      '11': 'lteq', '12': 'neq',
}

export interface CodeWord {
  readonly zh: string
  readonly en: string
  /** What it is in a policy of ours, where that has words of its own; where no code of a list has one, the codes are ours too. */
  readonly ours?: string
}

/** The enumerations, by the left operand whose values they are. */
// prettier-ignore
export const TC609_CODES: Readonly<Record<string, Readonly<Record<string, CodeWord>>>> = {
  'tds:executionEnv': {
    '01': { zh: '使用控制',   en: 'usage control' },
    '02': { zh: '数据沙箱',   en: 'sandbox' },
    '03': { zh: '多方安全计算', en: 'secure multi-party computation' },
    '04': { zh: '联邦学习',   en: 'federated learning' },
    '05': { zh: '可信执行环境', en: 'trusted execution environment' },
    '06': { zh: '密态计算',   en: 'confidential computing' },
    '07': { zh: '其他',       en: 'another environment' },
  },
  'tds:encryptMode': {
    '01': { zh: '明文',       en: 'plain' },
    '02': { zh: '密文',       en: 'encrypted' },
    '03': { zh: '其他',       en: 'another mode' },
  },
  // Here a delivery is known by its format; that a file or a stream is fetched through an API is said by none of these codes.
  deliveryChannel: {
    '01': { zh: '文件',       en: 'file' },
    '02': { zh: '数据流',     en: 'stream' },
    '03': { zh: 'API',        en: 'API', ours: PULL },
    '04': { zh: '其他',       en: 'another way' },
  },
}
