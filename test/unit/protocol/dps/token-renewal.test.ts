// The token renewal profile on the wire: what is asked, what is answered, and what is refused of either.

import { describe, expect, test } from 'vitest'
import { problem, type ProblemCode } from '../../../../src/kernel/problem.ts'
import {
  oauthError,
  readRefresh,
  readRenewed,
  writeRefresh,
  writeRenewed,
} from '../../../../src/protocol/dps/token-renewal.ts'

describe('a refresh request', () => {
  const whole = writeRefresh('a/b+c=')

  test.each([
    ['in the body', whole, ''],
    ['in the query', '', whole],
    ['in both, each member once', 'grant_type=refresh_token', `refresh_token=${encodeURIComponent('a/b+c=')}`],
    ['with members that we do not know', `${whole}&scope=x`, 'client_id=y'],
  ])('%s is read', (_what, body, query) => {
    expect(readRefresh(body, query)).toEqual({ ok: true, value: { refreshToken: 'a/b+c=' } })
  })

  test.each([
    ['a member twice in the body', `${whole}&refresh_token=x`, '', 'refresh_token'],
    ['a member in body and query', whole, 'refresh_token=x', 'refresh_token'],
    ['another grant', 'grant_type=authorization_code&refresh_token=x', '', 'grant_type'],
    ['no grant', 'refresh_token=x', '', 'grant_type'],
    ['no token', 'grant_type=refresh_token', '', 'refresh_token'],
    ['an empty token', 'grant_type=refresh_token&refresh_token=', '', 'refresh_token'],
    ['a token of two lines', 'grant_type=refresh_token&refresh_token=a%0d%0ab', '', 'refresh_token'],
    ['a token that is too long', `grant_type=refresh_token&refresh_token=${'x'.repeat(16_385)}`, '', 'refresh_token'],
    ['nothing', '', '', 'grant_type'],
  ])('with %s is refused', (_what, body, query, path) => {
    expect(readRefresh(body, query)).toMatchObject({ ok: false, problem: { code: 'request.malformed', path } })
  })
})

describe('an answer', () => {
  const token = { authorization: 'a', expiresInS: 300, refreshToken: 'r' }

  test('that was written is read again', () => {
    expect(readRenewed(writeRenewed(token))).toEqual({ ok: true, value: token })
  })

  // prettier-ignore
  test.each<[string, object, object]>([
    ['without a refresh token',              { access_token: 'a', expires_in: 300 },                           { authorization: 'a', expiresInS: 300 }],
    ['whose type is spelt otherwise',        { access_token: 'a', expires_in: 300, token_type: 'bearer' },     { authorization: 'a', expiresInS: 300 }],
    ['whose life is a text',                 { access_token: 'a', expires_in: '300', refresh_token: 'r' },     token],
  ])('%s is read', (_what, json, value) => {
    expect(readRenewed(json)).toEqual({ ok: true, value })
  })

  // prettier-ignore
  test.each<[string, unknown, string]>([
    ['that is no object',           null,                                                           'body'],
    ['that is a list',              [],                                                             'access_token'],
    ['without a token',             { expires_in: 300 },                                            'access_token'],
    ['with a token of two words',   { access_token: 'a b', expires_in: 300 },                       'access_token'],
    ['of another type',             { access_token: 'a', expires_in: 300, token_type: 'DPoP' },     'token_type'],
    ['without a life',              { access_token: 'a' },                                          'expires_in'],
    ['with a life of nothing',      { access_token: 'a', expires_in: 0 },                           'expires_in'],
    ['with a life before it began', { access_token: 'a', expires_in: -1 },                          'expires_in'],
    ['with a life of fractions',    { access_token: 'a', expires_in: 1.5 },                         'expires_in'],
    ['with a life that is no number', { access_token: 'a', expires_in: true },                      'expires_in'],
    ['with a life of no digits',    { access_token: 'a', expires_in: '0x10' },                      'expires_in'],
    ['with a life without end',     { access_token: 'a', expires_in: Infinity },                       'expires_in'],
    ['with a refresh token of no kind', { access_token: 'a', expires_in: 1, refresh_token: 1 },     'refresh_token'],
  ])('%s is refused', (_what, json, path) => {
    expect(readRenewed(json)).toMatchObject({ ok: false, problem: { code: 'peer.malformed', path } })
  })
})

describe('an error', () => {
  // prettier-ignore
  test.each<[ProblemCode, boolean, string]>([
    ['token.unknown',         true,  'invalid_grant'],
    ['token.signature',       false, 'invalid_client'],
    ['transfer.not-started',  true,  'invalid_grant'],
    ['policy.denied',         true,  'invalid_grant'],
    ['request.malformed',     false, 'invalid_request'],
    ['body.too-large',        false, 'invalid_request'],
    ['busy.limit',            false, 'temporarily_unavailable'],
    ['store.full',            true,  'temporarily_unavailable'],
    ['defect',                false, 'server_error'],
  ])('of %s (of the grant: %s) is %s', (code, isGrant, error) => {
    expect(oauthError(problem(code, 'a sentence'), isGrant)).toMatchObject({ error })
  })

  test('is described in the characters that RFC 6749 allows, and a defect not at all', () => {
    const { error_description: described } = oauthError(problem('token.unknown', 'a "quoted" \\ text\nwith 越南'), true)
    expect(described).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
    expect(oauthError(problem('defect', 'the secret reason'), false).error_description).not.toContain('secret')
  })
})
