// Data that a provider sends, fetched through our management port: bytes of a stranger on an origin of ours. They run in no browser,
// and bring none of their headers.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { exchange, lines } from './bytes.ts'
import { agreedAsConsumer, startedAsConsumer } from './consume.ts'

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

/** Status line and headers of one answer. */
function headOf(answer: string): string {
  return answer.slice(0, answer.indexOf('\r\n\r\n'))
}

function get(port: number, path: string, ...headers: readonly string[]): Promise<string> {
  return exchange(port, lines(`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers))
}

const admin = (): string => `Authorization: Bearer ${ground.connector.token()}`
describe('data of a provider, fetched through the management port', () => {
  // prettier-ignore
  const HEADERS: Readonly<Record<string, string>> = {
    'set-cookie': 'a=b', 'access-control-allow-origin': '*', 'content-disposition': 'inline', 'content-security-policy': "script-src 'unsafe-inline'", 'x-content-type-options': 'none',
    location: 'https://evil.example', refresh: '0; url=https://evil.example', link: '<https://evil.example/a.css>; rel=stylesheet', 'x-injected': 'yes', 'service-worker-allowed': '/',
    'clear-site-data': '"*"', 'strict-transport-security': 'max-age=9', 'cache-control': 'public, max-age=99999', 'www-authenticate': 'Basic',
  }

  test.each(['text/html', 'image/svg+xml', 'application/javascript', 'text/html; charset=utf-7'])(
    'of the type %s runs in no browser, and brings none of its headers',
    async (type) => {
      const agreementId = await agreedAsConsumer(ground)
      const transfer = await startedAsConsumer(ground, agreementId, `${ground.peer.base}/data`)
      ground.peer.answerWith((_, response) =>
        response.writeHead(200, { ...HEADERS, 'content-type': type }).end('<script>alert(1)</script>'),
      )
      const answer = await get(ground.connector.managementPort, `/api/v1/transfers/${transfer}/data`, admin())
      ground.peer.answerWith(null)

      const head = headOf(answer)
      expect(answer).toContain('<script>alert(1)</script>')
      expect(head).toContain("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox")
      expect(head).toContain('X-Content-Type-Options: nosniff')
      expect(head).toContain('Cache-Control: no-store')
      for (const name of Object.keys(HEADERS).filter((each) => !/^(content-security|x-content|cache)/.test(each))) {
        expect(head.toLowerCase()).not.toContain(`\n${name}:`)
      }
      expect(head.match(/^(content-security-policy|x-content-type-options|cache-control):/gim)).toHaveLength(3)
    },
  )

  test.each(['text/html\u0000', 'a b', 'text', ''])('of the type %j is of no type', async (type) => {
    const agreementId = await agreedAsConsumer(ground)
    const transfer = await startedAsConsumer(ground, agreementId, `${ground.peer.base}/data`)
    ground.peer.answerWith((_, response) =>
      response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: 1\r\n\r\nx`),
    )
    const answer = await get(ground.connector.managementPort, `/api/v1/transfers/${transfer}/data`, admin())
    ground.peer.answerWith(null)

    expect(headOf(answer)).not.toContain(`Content-Type: ${type}\r\n`)
  })
})
