// Messages about policy files in Chinese: many come from parts that also speak to peers, and those speak English.

/** What follows `expected`. Schemas and tables describe values in many more ways; those stay as they are. */
// prettier-ignore
const KINDS: readonly (readonly [string, string])[] = [
  ['a date and time with a zone, such as 2026-12-31T23:59:59+08:00', '带时区的日期时间，例如 2026-12-31T23:59:59+08:00'],
  ['a date and time with a zone',                                   '带时区的日期时间'],
  ['an xsd:duration, such as P90D (90 minutes are PT90M)',          'xsd:duration 时长，例如 P90D（90 分钟写作 PT90M）'],
  ['an xsd:duration, such as P90D',                                 'xsd:duration 时长，例如 P90D'],
  ['an ISO 3166 code, such as CN or CN-45, or a GB/T 2260 code, such as 4501', 'ISO 3166 代码（如 CN、CN-45）或 GB/T 2260 代码（如 4501）'],
  ['an ISO 3166 code, such as CN or CN-45, a GB/T 2260 code, or a region of vocab/regions.yaml', 'ISO 3166 代码（如 CN、CN-45）、GB/T 2260 代码或 vocab/regions.yaml 中的地区'],
  ['an address, a network in CIDR form, or a host name',            'IP 地址、CIDR 网段或主机名'],
  ['hours with a zone, such as Mon-Fri 09:00-17:00 Asia/Shanghai',  '带时区的时段，例如 Mon-Fri 09:00-17:00 Asia/Shanghai'],
  ['a whole number, 0 or more',                                     '非负整数'],
  ['a whole number',                                                '整数'],
  ['a decimal number, such as 0.5',                                 '小数，例如 0.5'],
  ['a decimal number',                                              '小数'],
  ['a date, such as 2026-12-31',                                    '日期，例如 2026-12-31'],
  ['a date of the calendar',                                        '日历中存在的日期'],
  ['a text that is not empty',                                      '非空文本'],
  ['a text',                                                        '文本'],
  ['true or false',                                                 'true 或 false'],
  ['one value',                                                     '一个值'],
  ['a policy',                                                      '一条策略'],
  ['an IANA time zone',                                             'IANA 时区名称'],
  ['the id of a participant, or the name of a group',               '参与方标识或分组名称'],
]
const KIND = new Map(KINDS)

const NOTHING = /^(?:nothing|none|null|undefined)$/

function kind(english: string): string {
  const known = KIND.get(english)
  if (known !== undefined) return known
  const choice = /^one of (.+)$/.exec(english)?.[1]
  if (choice !== undefined) return `以下之一：${choice}`
  const [, bound, value] = /^(at least|at most) (\S+)$/.exec(english) ?? []
  if (value !== undefined) return `${bound === 'at least' ? '不小于' : '不大于'} ${value}`
  const each = /^a list, each value (.+)$/.exec(english)?.[1]
  return each === undefined ? english : `列表，每个值为${kind(each)}`
}

function came(text: string): string {
  return NOTHING.test(text) ? '未填写' : `实为 ${text}`
}

type Say = (...words: readonly string[]) => string

/** Each sentence with what stands in it. The more special ones come first. */
// prettier-ignore
const SENTENCES: readonly (readonly [RegExp, Say])[] = [
  [/^unknown key `(.+?)`; known here: (.+)$/s,                   (key, known) => `没有 \`${key}\` 这个键；此处可用：${known}`],
  [/^`(.+)` is missing$/,                                        (key) => `缺少 \`${key}\``],
  [/^the left operand (".*") is not known here$/,                (name) => `左操作数 ${name} 不存在`],
  [/^the left operand (".*") is not known of a participant before an agreement$/, (name) => `签约之前无法得知参与方的 ${name}，不能用于 \`access\``],
  [/^the operator (".*") is not one of ODRL's; (\S+) takes (.+)$/, (operator, left, known) => `ODRL 没有操作符 ${operator}；${left} 可用：${known}`],
  [/^(\S+) does not take (\S+); \S+ takes (.+)$/,                (left, operator, known) => `${left} 不能用 ${operator}；可用：${known}`],
  [/^the action [`"](.+)[`"] is not known here$/,                (action) => `动作 "${action}" 不存在`],
  [/^the profile (\S+) is not known here$/,                      (profile) => `概要 ${profile} 不存在`],
  [/^(\S+) needs a unit, a currency of ISO 4217 such as CNY, came (.+)$/, (left, unit) => `${left} 需要货币单位（ISO 4217，例如 CNY），${came(unit)}`],
  [/^(\S+) takes no unit, came (.+)$/,                           (left, unit) => `${left} 不带单位，${came(unit)}`],
  [/^(\S+) (\S+) expects (.+), came (.+)$/s,                     (left, operator, what, text) => `${left} ${operator} 应为${kind(what)}，${came(text)}`],
  [/^no test below tests\/ looks at the (\S+) `(.+)`$/,          (about, id) => `tests/ 之下没有针对${ABOUT[about] ?? about} \`${id}\` 的测试`],
  [/^there is no (offer|template|guardrail) `(.*)`$/,            (about, id) => `没有${ABOUT[about] ?? about} \`${id}\``],
  [/^there is no file of an offer or a guardrail `(.*)`$/,       (path) => `没有要约或护栏规则文件 \`${path}\``],
  [/^it inherits from itself: (.+)$/,                            (way) => `继承成环：${way}`],
  [/^a policy needs at least one permission or prohibition$/,    () => '策略至少要有一条许可或禁止'],
  [/^an offer needs at least one dataset, as in (.+)$/,          (form) => `要约至少要有一个数据集，例如 ${form}`],
  [/^the (title|description|disclaimer) is missing in (.+)$/,    (name, languages) => `缺少 ${name} 的${languages.replace('en', '英文').replace('zh', '中文').replace(' and ', '和')}文本`],
  [/^(.+) has no seconds, which xsd:dateTime demands.*$/,        (text) => `${text} 没有秒；xsd:dateTime 要求写出，严格的对方会拒绝`],
  [/^what this permission allows has ended at (.+)$/,            (end) => `该许可已于 ${end} 到期`],
  [/^(.+) has ended at (.+)$/,                                   (_what, end) => `已于 ${end} 到期`],
  [/^the template `(.+)` should have been reviewed by (.+)$/,    (id, day) => `模板 \`${id}\` 本应在 ${day} 之前复核`],
  [/^a consequence or a remedy must not have a consequence$/,    () => '违约责任或补救措施之下不得再有违约责任'],
  [/^a permission has no remedy$/,                               () => '许可没有补救措施（remedy）'],
  [/^a duty on a prohibition is not supported$/,                 () => '禁止之下不支持 duty；补救措施写作 remedy'],
  [/^values without a `template` to take them$/,                 () => '写了 `with`，却没有 `template`'],
  [/^the template has no parameter `(.+)`; it has (.+)$/,        (name, known) => `模板没有参数 \`${name}\`；可用：${known === 'none' ? '无' : known}`],
  [/^the parameter `(.+)` needs a value: (.+)$/,                 (name, what) => `参数 \`${name}\` 需要取值：${kind(what)}`],
  [/^nothing uses the parameter `(.+)`$/,                        (name) => `参数 \`${name}\` 没有被使用`],
  [/^expected (\S+) to (\S+) values, came (\d+)$/,               (least, most, count) => `应有 ${least} 至 ${most === 'any' ? '任意' : most} 个值，实有 ${count} 个`],
  [/^expected (\d+) to any number of values, came (\d+)$/,       (least, count) => `至少应有 ${least} 个值，实有 ${count} 个`],
  [/^neither `access` nor a permission says who.*$/,             () => '`access` 和许可都没有说明对象：任何被接纳的参与方都可以签约'],
  [/^the order of andSequence is lost to a peer that processes JSON-LD$/, () => '对方按 JSON-LD 处理时会丢失 andSequence 的次序'],
  [/^(".*") has no namespace, so a peer that processes JSON-LD would read another term$/, (term) => `${term} 没有命名空间，按 JSON-LD 处理的对方会读成别的术语`],
  [/^a policy file has at most (\d+) characters$/,               (most) => `策略文件最多 ${most} 个字符`],
  [/^at most (\d+) (.+), came (\d+)$/,                           (most, what, count) => `${what} 最多 ${most}，实有 ${count}`],
  [/^expected the id of a dataset, a glob with \*, or one \{ property: value \}$/, () => '应为数据集标识、带 * 的通配符，或一个 { 属性: 值 }'],
  [/^expected a list: (.+)$/,                                    (what) => `应为${kind(what)}`],
  [/^expected an? (offer|guardrail) with the keys (.+)$/,        (about, keys) => `应为一个${ABOUT[about] ?? about}，可用的键：${keys}`],
  [/^expected one operator and its value, as in (.+)$/,          (form) => `应为一个操作符和它的值，例如 ${form}`],
  [/^expected one constraint, came (.+); each is an item of its own, with a dash$/, (keys) => `应为一个约束，${came(keys)}；每个约束单独成项，前面加“-”`],
  [/^expected (.+), came (.+)$/s,                                (what, text) => `应为${kind(what)}，${came(text)}`],
  [/^expected the id of the (\S+), a string that is not empty$/, (about) => `应填写${ABOUT[about] ?? about}的标识（非空文本）`],
]

const ABOUT: Readonly<Record<string, string>> = { offer: '要约', template: '模板', guardrail: '护栏规则' }

/** Null where there is no Chinese for it yet: then the general sentence of the code says what is wrong. */
export function inChinese(message: string): string | null {
  for (const [pattern, say] of SENTENCES) {
    const found = pattern.exec(message)
    // Between Chinese and Latin letters stands a space.
    if (found !== null) return say(...found.slice(1)).replaceAll(/(?<=[应实]为)(?=[\x21-\x7E])/g, ' ')
  }
  return null
}

/** What to write instead, as far as that is a sentence. */
// prettier-ignore
const HINTS: readonly (readonly [RegExp, Say])[] = [
  [/^did you mean (`.*`)\?$/,                                    (word) => `是不是想写 ${word}？`],
  [/^for example (.+)$/,                                         (form) => `例如 ${form}`],
  [/^in quotes it stays: (.+)$/,                                 (form) => `加引号可保持原样：${form}`],
  [/^(`.+`) for minutes; (`.+`) says that months are meant$/,    (minutes, months) => `分钟写作 ${minutes}；确指月份则写 ${months}`],
  [/^(`.+`) is that time in China, (`.+`) in UTC$/,              (china, utc) => `北京时间写作 ${china}，UTC 写作 ${utc}`],
  [/^say who may see it under `access`, or write `access: \[\]`$/, () => '在 `access` 中写明谁可以看到，或写 `access: []` 表示所有人'],
  [/^look whether its basis still holds, and set `lastReviewed` and `reviewBy`$/, () => '核对其依据是否仍然有效，并更新 `lastReviewed` 和 `reviewBy`'],
  [/^take one of them away$/,                                    () => '删去其中一个'],
  [/^two spaces for each step$/,                                 () => '每级缩进用两个空格'],
  [/^save the file in UTF-8; GBK and UTF-16 are not read$/,      () => '请将文件另存为 UTF-8 编码；不读取 GBK 和 UTF-16'],
  [/^take `---` away, or make it a file of its own$/,            () => '删去 `---`，或另存为一个文件'],
  [/^a value with a colon and a space in it stands in quotes$/,  () => '值中有冒号加空格时要加引号'],
  [/^the anchor comes before the alias; a text that begins with \* stands in quotes$/, () => '锚点须在引用之前；以 * 开头的文本要加引号'],
  [/^YAML 1\.2 has no merge keys: write it out$/,                () => 'YAML 1.2 没有合并键：请直接写出'],
]

export function hintInChinese(hint: string): string {
  for (const [pattern, say] of HINTS) {
    const found = pattern.exec(hint)
    if (found !== null) return say(...found.slice(1))
  }
  return hint
}
