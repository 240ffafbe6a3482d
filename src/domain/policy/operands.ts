// The left operands that are understood: what type they have, which operators they take, when they can be decided, by which
// fact, and how far a decision can be enforced here. A new one is a line in the table.

import { OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import type { Operator } from '../../protocol/odrl/types.ts'
import type { Phase } from './facts.ts'
import { TYPES, type TypeName } from './values.ts'

export type OrderOperator = Extract<Operator, 'eq' | 'neq' | 'lt' | 'lteq' | 'gt' | 'gteq'>
export type SetOperator = Exclude<Operator, 'lt' | 'lteq' | 'gt' | 'gteq'>

/**
 * Where the fact comes from. `clock`, `meter`, `network`: measured here. `agreement`: the agreement and its own record.
 * `record`: what an administrator or a peer's proof put on record under the agreement (payments, consents, approvals).
 * `claim`: of the participant, by the register or a credential. `dataset`: the published metadata. `self`: our own claims.
 * `request`: what the caller states. `none`: nothing here can tell.
 */
export type Source =
  'clock' | 'meter' | 'network' | 'agreement' | 'record' | 'claim' | 'dataset' | 'self' | 'request' | 'none'

/** `technical`: what does not hold does not happen. `claim`: as true as what others claim. `contract`: promised, and no more. */
export type Enforcement = 'technical' | 'claim' | 'contract'

export interface Operand {
  readonly type: TypeName
  readonly operators: readonly Operator[]
  /** The first phase in which it is decided; before it a constraint is deferred. */
  readonly from: Phase
  readonly source: Source
  readonly enforcement: Enforcement
  /** Changes while a contract lives: on a duty that follows delivery it says when, and is decided afterwards. */
  readonly moves: boolean
  /** Can be known of a participant with whom nothing is agreed yet, so that it may decide who sees an offer. */
  readonly inAccess: boolean
  /** Several values together are the fact; else a second value would be a contradiction. */
  readonly isMany: boolean
  /** The right operand needs a currency. */
  readonly needsUnit: boolean
  readonly label: { readonly en: string; readonly zh: string }
}

const ORDER: readonly OrderOperator[] = ['eq', 'neq', 'lt', 'lteq', 'gt', 'gteq']
const SAME: readonly Operator[] = ['eq', 'neq', 'isAnyOf', 'isNoneOf']
const PARTS: readonly Operator[] = ['eq', 'neq', 'isPartOf', 'hasPart', 'isAnyOf', 'isNoneOf', 'isAllOf']
const KINDS: readonly Operator[] = ['eq', 'neq', 'isA', 'isPartOf', 'isAnyOf', 'isNoneOf', 'isAllOf']
const MANY: readonly Operator[] = ['eq', 'neq', 'isA', 'isPartOf', 'hasPart', 'isAnyOf', 'isNoneOf', 'isAllOf']
// The vocabulary: "Only the eq, lt, lteq operators SHOULD be used."
const UP_TO: readonly Operator[] = ['eq', 'lt', 'lteq']
const AT_MOST: readonly Operator[] = ['lt', 'lteq']

interface More {
  readonly moves?: boolean
  readonly inAccess?: boolean
  readonly isMany?: boolean
  readonly needsUnit?: boolean
}

function row(
  type: TypeName,
  operators: readonly Operator[],
  from: Phase,
  source: Source,
  enforcement: Enforcement,
  en: string,
  zh: string,
  more: More = {},
): Operand {
  const { moves = false, inAccess = false, isMany = false, needsUnit = false } = more
  return { type, operators, from, source, enforcement, moves, inAccess, isMany, needsUnit, label: { en, zh } }
}

const MOVES: More = { moves: true }
const SEEN: More = { inAccess: true }
const SET: More = { isMany: true }
const SEEN_SET: More = { inAccess: true, isMany: true }

// prettier-ignore
export const OPERANDS = {
  // Time and measure
  dateTime:                    row('instant',  ORDER,   'catalogue',   'clock',     'technical', 'date and time', '日期时间', { moves: true, inAccess: true }),
  elapsedTime:                 row('duration', UP_TO,   'start',       'clock',     'technical', 'time since the agreement', '自协议起经过的时间', MOVES),
  meteredTime:                 row('duration', UP_TO,   'start',       'meter',     'technical', 'time of use', '累计使用时长', MOVES),
  delayPeriod:                 row('duration', ['eq', 'gt', 'gteq'], 'start', 'clock', 'technical', 'time since the last use', '距上次使用的间隔', MOVES),
  timeInterval:                row('duration', ['eq'],  'start',       'clock',     'technical', 'interval between uses', '使用间隔', MOVES),
  'tds:dailyWindow':           row('window',   ['eq', 'isPartOf', 'isAnyOf', 'isNoneOf'], 'start', 'clock', 'technical', 'hours of use', '使用时间窗口', MOVES),
  count:                       row('count',    ORDER,   'start',       'meter',     'technical', 'number of uses', '使用次数', MOVES),
  'tds:frequency':             row('rate',     AT_MOST, 'start',       'meter',     'technical', 'frequency of use', '使用频率', MOVES),
  'tds:dataSize':              row('count',    ORDER,   'start',       'meter',     'technical', 'bytes delivered', '数据量（字节）', MOVES),
  'tds:recordCount':           row('count',    ORDER,   'start',       'meter',     'technical', 'records delivered', '数据记录数', MOVES),
  // Who and where
  recipient:                   row('party',    PARTS,   'catalogue',   'network',   'technical', 'recipient', '接收方', SEEN),
  'tds:connectorId':           row('party',    SAME,    'catalogue',   'network',   'technical', 'connector', '连接器', SEEN),
  virtualLocation:             row('network',  PARTS,   'start',       'network',   'technical', 'network address', '网络地址'),
  spatial:                     row('place',    PARTS,   'catalogue',   'claim',     'claim',     'country or region', '国家或地区', SEEN),
  'tds:consumerJurisdiction':  row('place',    PARTS,   'catalogue',   'claim',     'claim',     'jurisdiction of the consumer', '使用方所在法域', SEEN),
  'tds:executionJurisdiction': row('place',    PARTS,   'catalogue',   'claim',     'claim',     'place where the consumer runs its connector', '使用方连接器运行地', SEEN),
  'tds:role':                  row('code',     MANY,    'catalogue',   'claim',     'claim',     'role of the participant', '参与方角色', SEEN_SET),
  'tds:certificate':           row('code',     MANY,    'catalogue',   'claim',     'claim',     'certificate of the participant', '参与方证书', SEEN_SET),
  'tds:membership':            row('code',     MANY,    'catalogue',   'claim',     'claim',     'membership', '成员身份', SEEN_SET),
  'tds:securityLevel':         row('code',     SAME,    'catalogue',   'claim',     'claim',     'security level', '安全等级', SEEN),
  'tds:logicalSpace':          row('code',     MANY,    'catalogue',   'claim',     'claim',     'data space', '所属可信数据空间', SEEN_SET),
  industry:                    row('term',     KINDS,   'catalogue',   'claim',     'claim',     'industry', '行业', SEEN_SET),
  // What for
  purpose:                     row('term',     KINDS,   'catalogue',   'request',   'contract',  'purpose', '使用目的'),
  'tds:purposeCode':           row('term',     KINDS,   'catalogue',   'request',   'contract',  'purpose code', '使用目的代码'),
  product:                     row('term',     KINDS,   'catalogue',   'request',   'contract',  'product', '产品'),
  media:                       row('term',     KINDS,   'catalogue',   'request',   'contract',  'medium', '媒介'),
  // The dataset
  'tds:dataGrade':             row('code',     SAME,    'catalogue',   'dataset',   'technical', 'grade of the data', '数据分级'),
  'tds:personalData':          row('code',     SAME,    'catalogue',   'dataset',   'technical', 'personal data', '个人信息类别'),
  'tds:originJurisdiction':    row('place',    PARTS,   'catalogue',   'dataset',   'technical', 'origin of the data', '数据来源法域', SET),
  'tds:assetState':            row('code',     SAME,    'catalogue',   'dataset',   'technical', 'state of the asset', '资产状态'),
  'tds:vnDataClass':           row('code',     SAME,    'catalogue',   'dataset',   'technical', 'class of the data under the law of Viet Nam', '越南数据分类'),
  'tds:sectorLocalised':       row('boolean',  SAME,    'catalogue',   'dataset',   'technical', 'sector with data localisation', '行业数据本地化要求'),
  'tds:negativeListHit':       row('boolean',  SAME,    'catalogue',   'dataset',   'technical', 'on the negative list', '是否列入负面清单'),
  'tds:negativeListVersion':   row('code',     SAME,    'catalogue',   'dataset',   'technical', 'version of the negative list', '负面清单版本'),
  language:                    row('term',     KINDS,   'catalogue',   'dataset',   'technical', 'language', '语言', SET),
  fileFormat:                  row('code',     MANY,    'catalogue',   'dataset',   'technical', 'file format', '文件格式', SET),
  version:                     row('code',     SAME,    'catalogue',   'dataset',   'technical', 'version', '版本'),
  resolution:                  row('decimal',  ORDER,   'catalogue',   'dataset',   'technical', 'resolution', '分辨率'),
  percentage:                  row('decimal',  ORDER,   'catalogue',   'dataset',   'technical', 'percentage', '百分比'),
  // Ourselves
  'tds:exporterZone':          row('code',     SAME,    'catalogue',   'self',      'technical', 'zone of the exporter', '出境方所在区域', SEEN),
  'tds:ciio':                  row('boolean',  SAME,    'catalogue',   'self',      'technical', 'operator of critical information infrastructure', '关键信息基础设施运营者', SEEN),
  'tds:piPersonsYtd':          row('count',    ORDER,   'start',       'record',    'claim',     'persons whose data went abroad this year', '本年累计出境个人信息人数', MOVES),
  'tds:spiPersonsYtd':         row('count',    ORDER,   'start',       'record',    'claim',     'persons whose sensitive data went abroad this year', '本年累计出境敏感个人信息人数', MOVES),
  // On record under the agreement
  payAmount:                   row('decimal',  ORDER,   'start',       'record',    'claim',     'amount paid', '支付金额', { needsUnit: true }),
  'tds:consentStatus':         row('code',     SAME,    'start',       'record',    'claim',     'state of the consent', '授权同意状态'),
  'tds:consentBundle':         row('code',     SAME,    'start',       'record',    'claim',     'form of the consent', '授权形式'),
  'tds:transferMechanism':     row('code',     MANY,    'start',       'record',    'claim',     'mechanism of the cross-border transfer', '跨境传输机制', SET),
  'tds:mechanismRef':          row('term',     KINDS,   'start',       'record',    'claim',     'reference of the mechanism', '机制凭证'),
  'tds:mechanismValidUntil':   row('instant',  ORDER,   'start',       'record',    'claim',     'end of the mechanism', '机制有效期', MOVES),
  'tds:tiaValidUntil':         row('instant',  ORDER,   'start',       'record',    'claim',     'end of the transfer impact assessment', '传输影响评估有效期', MOVES),
  'tds:ctiaStatus':            row('code',     SAME,    'start',       'record',    'claim',     'state of the impact assessment dossier', '影响评估档案状态'),
  'tds:daysSinceFirstTransfer': row('count',   ORDER,   'start',       'meter',     'technical', 'days since the first transfer', '首次传输后天数', MOVES),
  'tds:authoritySuspension':   row('boolean',  SAME,    'start',       'record',    'claim',     'suspended by an authority', '主管部门是否暂停'),
  'tds:adequacyBasis':         row('code',     SAME,    'start',       'record',    'claim',     'basis of adequacy', '充分性依据'),
  'tds:onwardApproval':        row('code',     SAME,    'start',       'record',    'claim',     'approval of onward transfer', '再转移许可'),
  event:                       row('term',     KINDS,   'start',       'record',    'claim',     'event', '事件', SET),
  // How it is delivered and used
  deliveryChannel:             row('code',     SAME,    'start',       'network',   'technical', 'way of delivery', '交付方式'),
  'tds:encryptMode':           row('code',     SAME,    'start',       'record',    'contract',  'encryption', '加密方式'),
  systemDevice:                row('term',     KINDS,   'start',       'record',    'contract',  'system or device', '系统或设备'),
  'tds:executionEnv':          row('code',     SAME,    'start',       'record',    'contract',  'environment of execution', '运行环境'),
  'tds:application':           row('term',     KINDS,   'start',       'record',    'contract',  'application', '应用程序'),
  'tds:algorithm':             row('code',     SAME,    'start',       'record',    'contract',  'algorithm', '算法'),
  'tds:model':                 row('code',     SAME,    'start',       'record',    'contract',  'model', '模型'),
  'tds:cryptoSuite':           row('code',     SAME,    'start',       'record',    'contract',  'cryptographic suite', '密码套件'),
  'tds:dataField':             row('code',     MANY,    'start',       'record',    'contract',  'fields', '数据字段', SET),
  'tds:rowFilter':             row('code',     SAME,    'start',       'record',    'contract',  'filter of rows', '行筛选条件'),
  'tds:queryTemplate':         row('code',     SAME,    'start',       'record',    'contract',  'template of the query', '查询模板'),
  'tds:artefact':              row('code',     SAME,    'start',       'record',    'contract',  'kind of artefact', '产物类型'),
  'tds:psiReveal':             row('code',     SAME,    'start',       'record',    'contract',  'what an intersection reveals', '求交结果形式'),
  'tds:minGroupSize':          row('count',    ORDER,   'start',       'record',    'contract',  'smallest group', '最小分组人数'),
  'tds:minParties':            row('count',    ORDER,   'start',       'record',    'contract',  'fewest parties', '最少参与方数'),
  'tds:roundLimit':            row('count',    ORDER,   'start',       'record',    'contract',  'rounds', '训练轮数'),
  'tds:epsilonBudget':         row('decimal',  ORDER,   'start',       'record',    'contract',  'privacy budget ε', '隐私预算 ε'),
  'tds:deltaBudget':           row('decimal',  ORDER,   'start',       'record',    'contract',  'privacy budget δ', '隐私预算 δ'),
} as const satisfies Record<string, Operand>

export type OperandName = keyof typeof OPERANDS

export const OPERAND_NAMES: readonly string[] = Object.keys(OPERANDS)

/** The operand of a short name; null if it is not understood. */
export function operandOf(name: string): Operand | null {
  return Object.hasOwn(OPERANDS, name) ? OPERANDS[name as OperandName] : null
}

/** One that the table does not have, where a policy may use any (`policy evaluate`): compared when the fact is given. */
export function strangeOperand(type: TypeName): Operand {
  return row(type, OPERATORS, 'catalogue', 'request', 'claim', '', '', { isMany: TYPES[type].kind === 'set' })
}

/** The operators whose right operand is a list; the others take one value. */
export const LIST_OPERATORS: readonly Operator[] = ['isPartOf', 'isAnyOf', 'isNoneOf', 'isAllOf', 'isA', 'hasPart']
