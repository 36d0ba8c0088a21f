// What Genesys Cloud refuses: visitors chat on without a token, and the log says what to do.
import type { SetUp } from '../set-up.ts';

const CLIENT =
  'Check clientId and clientSecret, and that `region` is the one in which the OAuth client was made.';
const NOT_TAKEN =
  'fail: OAuth does not take this client id with this secret in eu-west-1 (mypurecloud.ie): HTTP';

export const PLATFORM: readonly SetUp[] = [
  {
    broken: 'a wrong client id, or a client of another region',
    env: { GENESYSCLOUD_OAUTHCLIENT_ID: 'another' },
    where: 'log',
    sees: `The OAuth call failed. HTTP 401: invalid_client. ${CLIENT}`,
    doctor: `${NOT_TAKEN} 401: invalid_client: client not found or client secret wrong`,
  },
  {
    broken: 'a wrong client secret',
    env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: 'another' },
    where: 'log',
    sees: `The OAuth call failed. HTTP 401: invalid_client. ${CLIENT}`,
    doctor: `${NOT_TAKEN} 401: invalid_client: client not found or client secret wrong`,
  },
  {
    broken: 'a client of another grant type',
    fault: {
      call: 'oauthToken',
      fault: 'status',
      status: 400,
      code: 'unauthorized_client',
      times: 'always',
    },
    where: 'log',
    sees: 'The OAuth call failed. HTTP 400: unauthorized_client. Check clientId, clientSecret and that the OAuth client has the grant type Client Credentials.',
    doctor: `${NOT_TAKEN} 400: unauthorized_client: refused`,
  },
  {
    broken: 'a client without the role',
    platform: { scopes: [] },
    where: 'log',
    sees: 'The guest-token call failed. HTTP 403: missing.permissions. Give the OAuth client the scope webchat:guest-token:create, and check that it may use this webchatId.',
    doctor:
      'fail: No guest token is issued: HTTP 403: missing.permissions: Unable to perform the requested action. You are missing the following permission(s): webchat:guest-token:create',
  },
  {
    broken: 'an organisation without guest tokens',
    fault: { call: 'guestTokens', fault: 'status', status: 404, times: 'always' },
    where: 'log',
    sees: "The guest-token call failed. HTTP 404: not.found. This organisation does not offer guest tokens at this endpoint: check `endpoints.guestTokens`, or set `source: 'none'` and let Messenger chat without them.",
    doctor: 'fail: No guest token is issued: HTTP 404: not.found: HTTP 404',
  },
  {
    broken: "another organisation's webchatId",
    platform: { webchatIds: ['another'] },
    where: 'log',
    sees: 'The guest-token call failed. HTTP 403: not.authorized. Give the OAuth client the scope webchat:guest-token:create, and check that it may use this webchatId.',
    doctor: 'fail: There is no deployment c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11 in eu-west-1 (HTTP 404)',
  },
  {
    broken: 'a clock that is two hours behind',
    platform: { now: () => Date.now() + 7_200_000 },
    where: 'doctor alone',
    sees: '',
    doctor:
      "fail: This machine's clock is 2 hours behind the platform's: instances refuse each other's visitor cookies, and TLS may fail",
  },
];
