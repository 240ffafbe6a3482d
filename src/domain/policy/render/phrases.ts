// The sentences around the conditions of a policy, in both languages.

import type { Conflict } from '../../../protocol/odrl/types.ts'
import type { LogicalOperator } from '../../../protocol/odrl/vocabulary.ts'
import type { Language } from './language.ts'

export type Phrases = Readonly<Record<Phrase | LogicalOperator, string>> & {
  readonly conflict: Readonly<Record<Conflict, string>>
}

// prettier-ignore
type Phrase =
  | 'who' | 'what' | 'permissions' | 'prohibitions' | 'obligations'
  | 'everyone' | 'everybody' | 'whoever' | 'anyDataset'
  | 'may' | 'mayNot' | 'must' | 'duty' | 'reaction'
  | 'provided' | 'when' | 'bound' | 'refined' | 'duties' | 'remedies' | 'consequences'
  | 'collection' | 'closed' | 'open'

// prettier-ignore
export const PHRASES: Readonly<Record<Language, Phrases>> = {
  zh: {
    who: '对象', what: '标的', permissions: '允许', prohibitions: '禁止', obligations: '义务',
    everyone:     '所有准入的参与方均可见',
    everybody:    '所有参与方',
    whoever:      '满足以下全部条件的参与方：',
    anyDataset:   '本策略所附的任何数据',
    may:          '使用方可以{action}',
    mayNot:       '使用方不得{action}',
    must:         '使用方须{action}',
    duty:         '{timing}须{action}',
    reaction:     '须{action}',
    provided:     '须同时满足以下条件：',
    when:         '在以下条件同时成立时：',
    bound:        '条件：',
    refined:      '限于：',
    duties:       '为此须履行的义务：',
    remedies:     '补救措施（违反时）：',
    consequences: '违约责任（未履行时）：',
    collection:   '及其所含',
    closed:       '凡未明确允许者，一律不允许。',
    open:         '未禁止者，以合约为准。',
    and:          '以下全部成立：',
    or:           '以下至少一项成立：',
    xone:         '以下恰有一项成立：',
    andSequence:  '以下依次成立：',
    conflict: {
      perm:     '允许与禁止冲突时，以允许为准。',
      prohibit: '允许与禁止冲突时，以禁止为准。',
      invalid:  '允许与禁止冲突时，整个策略无效。',
    },
  },
  en: {
    who: 'Who', what: 'What', permissions: 'Permitted', prohibitions: 'Prohibited', obligations: 'Obligations',
    everyone:     'Every participant that is admitted may see it',
    everybody:    'Every participant',
    whoever:      'Participants of whom all of this holds:',
    anyDataset:   'Any data that this policy is put on',
    may:          'The consumer may {action} the data',
    mayNot:       'The consumer must not {action} the data',
    must:         'The consumer must {action} the data',
    duty:         '{timing}: {action} the data',
    reaction:     '{action} the data',
    provided:     'Provided that all of this holds:',
    when:         'When all of this holds:',
    bound:        'Condition:',
    refined:      'Only in so far as:',
    duties:       'Duties for it:',
    remedies:     'Remedies, once it was done:',
    consequences: 'Consequences, if it is not done:',
    collection:   'and what belongs to it',
    closed:       'What is not permitted here is not permitted.',
    open:         'What is not prohibited here is for the contract to say.',
    and:          'All of this holds:',
    or:           'At least one of these holds:',
    xone:         'Exactly one of these holds:',
    andSequence:  'One after the other:',
    conflict: {
      perm:     'Where a permission and a prohibition meet, the permission wins.',
      prohibit: 'Where a permission and a prohibition meet, the prohibition wins.',
      invalid:  'Where a permission and a prohibition meet, the whole policy is void.',
    },
  },
}
