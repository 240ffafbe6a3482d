// What each action is called in Chinese and in English. Where the Chinese digital contract has a word (TC609-6-2025-14, table
// C.5), it is that one.

import { shortTerm } from '../../../protocol/odrl/vocabulary.ts'
import { currentAction } from '../../../protocol/odrl/actions.ts'
import type { Language, Words } from './language.ts'

// prettier-ignore
const ACTION_WORDS: Readonly<Record<string, Words>> = {
  use:                   { zh: '使用',         en: 'use' },
  acceptTracking:        { zh: '接受使用跟踪', en: 'accept tracking of' },
  aggregate:             { zh: '汇总',         en: 'aggregate' },
  annotate:              { zh: '标注',         en: 'annotate' },
  anonymize:             { zh: '匿名化',       en: 'anonymise' },
  archive:               { zh: '存储',         en: 'store' },
  attribute:             { zh: '署名',         en: 'attribute' },
  compensate:            { zh: '补偿',         en: 'pay for' },
  concurrentUse:         { zh: '并发使用',     en: 'use at the same time several copies of' },
  delete:                { zh: '删除',         en: 'delete' },
  derive:                { zh: '衍生',         en: 'derive other data from' },
  digitize:              { zh: '数字化',       en: 'digitise' },
  distribute:            { zh: '分发',         en: 'distribute' },
  ensureExclusivity:     { zh: '保证独占',     en: 'ensure the exclusivity of' },
  execute:               { zh: '执行',         en: 'execute' },
  grantUse:              { zh: '授权使用',     en: 'grant others the use of' },
  include:               { zh: '纳入',         en: 'include in other data' },
  index:                 { zh: '编制索引',     en: 'index' },
  inform:                { zh: '告知',         en: 'inform about the use of' },
  install:               { zh: '安装',         en: 'install' },
  modify:                { zh: '修改',         en: 'modify' },
  move:                  { zh: '移动',         en: 'move' },
  nextPolicy:            { zh: '策略传递',     en: 'pass this policy on with' },
  obtainConsent:         { zh: '取得同意',     en: 'obtain consent for' },
  play:                  { zh: '播放',         en: 'play' },
  present:               { zh: '展示',         en: 'present' },
  print:                 { zh: '打印',         en: 'print' },
  read:                  { zh: '读取',         en: 'read' },
  reproduce:             { zh: '复制',         en: 'copy' },
  reviewPolicy:          { zh: '复核策略',     en: 'review the policy of' },
  stream:                { zh: '流式传输',     en: 'stream' },
  synchronize:           { zh: '同步',         en: 'synchronise' },
  textToSpeech:          { zh: '文本转语音',   en: 'read aloud by machine' },
  transform:             { zh: '转换',         en: 'transform' },
  translate:             { zh: '翻译',         en: 'translate' },
  uninstall:             { zh: '卸载',         en: 'uninstall' },
  watermark:             { zh: '加水印',       en: 'watermark' },
  display:               { zh: '显示',         en: 'display' },
  extract:               { zh: '摘取',         en: 'extract parts of' },
  transfer:              { zh: '转让',         en: 'transfer' },
  give:                  { zh: '赠与',         en: 'give away' },
  sell:                  { zh: '交易',         en: 'sell' },
  'tds:access':          { zh: '访问',         en: 'access' },
  'tds:download':        { zh: '下载',         en: 'download' },
  'tds:compute':         { zh: '计算',         en: 'compute on' },
  'tds:delivery':        { zh: '交付',         en: 'deliver' },
  'tds:encryptTransport': { zh: '加密传输',    en: 'encrypt the transport of' },
  'tds:dsrAssist':       { zh: '协助响应个人权利请求', en: 'help with the requests of persons about' },
  'tds:desensitize':     { zh: '脱敏',         en: 'desensitise' },
  'tds:process':         { zh: '加工',         en: 'process' },
  'tds:jointDevelop':    { zh: '联合开发',     en: 'develop jointly with' },
  'tds:subProcess':      { zh: '转委托处理',   en: 'let others process' },
  'tds:logRecordSend':   { zh: '行为记录发送', en: 'send the log of the use of' },
  'tds:alert':           { zh: '异常提醒',     en: 'raise an alert about' },
  'tds:fulfilmentProof': { zh: '提交履约证明', en: 'prove the fulfilment for' },
  'tds:fileContract':    { zh: '合约备案',     en: 'file the contract for' },
  'tds:breachNotice':    { zh: '数据泄露通知', en: 'give notice of a breach of' },
  'tds:authorityReport': { zh: '向主管部门报告', en: 'report to the authority about' },
}

/** The words for an action in any spelling; one that is not known is called by its own name. */
export function actionWords(action: string, language: Language): string {
  const short = shortTerm(action)
  const known = currentAction(short) ?? short
  return Object.hasOwn(ACTION_WORDS, known) ? (ACTION_WORDS[known]?.[language] ?? short) : short
}

/** Every action that has words. */
export const WORDED_ACTIONS: readonly string[] = Object.keys(ACTION_WORDS)
