// Wrong options: the site does not start, and says every fault with its fix.
import type { SetUp } from '../set-up.ts';

/** What is wrong in the code doctor cannot read: it finds the site away. */
const AWAY = 'fail: 127.0.0.1:<port> (the mounted handler) refuses connections: nobody listens on this port';

const RANDOM = 'a string of 32 characters or more, such as `openssl rand -base64 32` prints';

const UNSET = {
  GENESYSCLOUD_REGION: undefined,
  GENESYSCLOUD_OAUTHCLIENT_ID: undefined,
  GENESYSCLOUD_OAUTHCLIENT_SECRET: undefined,
  GENESYS_GUEST_WEBCHAT_ID: undefined,
};

export const START: readonly SetUp[] = [
  {
    broken: 'an environment that is not there (no .env beside the site)',
    env: UNSET,
    where: 'start',
    sees: '- webchatId: is missing: set `webchatId` or the environment variable GENESYS_GUEST_WEBCHAT_ID',
    doctor: 'fail: webchatId is missing',
  },
  {
    broken: 'quotation marks around the secret, as docker --env-file keeps them',
    env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: '"canary-client-key"' },
    where: 'start',
    sees: '- GENESYSCLOUD_OAUTHCLIENT_SECRET: has quotation marks around its value: take them away, as docker --env-file',
    doctor: 'fail: GENESYSCLOUD_OAUTHCLIENT_SECRET has quotation marks around its value',
  },
  {
    broken: 'a misspelt region',
    env: { GENESYSCLOUD_REGION: 'eu-wset-1' },
    where: 'start',
    sees: "- GENESYSCLOUD_REGION: is not a region of Genesys Cloud; the nearest are 'eu-west-1', 'eu-west-2', 'us-east-1'",
    doctor: 'fail: GENESYSCLOUD_REGION is not a region of Genesys Cloud',
  },
  {
    broken: 'a secret that is too short',
    env: { GENESYS_GUEST_SECRETS: 'short' },
    where: 'start',
    sees: `- GENESYS_GUEST_SECRETS[0]: must be ${RANDOM}`,
    doctor: `fail: GENESYS_GUEST_SECRETS[0] must be ${RANDOM}`,
  },
  {
    broken: 'no secrets in production',
    env: { GENESYS_GUEST_SECRETS: undefined, NODE_ENV: 'production' },
    where: 'start',
    sees: `- secrets: are missing: set \`secrets\` or the environment variable GENESYS_GUEST_SECRETS to ${RANDOM}`,
    doctor: 'fail: secrets are missing',
  },
  {
    broken: "the emulator's variable in production",
    env: { NODE_ENV: 'production', GENESYS_GUEST_EMULATOR: 'http://127.0.0.1:4010' },
    where: 'start',
    sees: '- GENESYS_GUEST_EMULATOR: is refused with NODE_ENV=production: unset it',
    doctor: 'fail: GENESYS_GUEST_EMULATOR is refused with NODE_ENV=production',
  },
  {
    broken: 'a misspelt option',
    code: { options: "webchatID: 'c3b1d6f2'" },
    where: 'start',
    sees: '- webchatID: is not an option; did you mean `webchatId`?',
    args: ['--url', 'http://127.0.0.1:1/chat'],
    doctor: AWAY,
  },
  {
    broken: 'an allowed origin with a slash at its end',
    code: { options: "allowedOrigins: ['https://www.example.com/']" },
    where: 'start',
    sees: "- allowedOrigins[0]: must be an origin, scheme and host alone: write 'https://www.example.com'",
    args: ['--url', 'http://127.0.0.1:1/chat'],
    doctor: AWAY,
  },
  {
    broken: 'members without identify',
    code: { options: "members: { issuer: 'http://127.0.0.1:3000/chat/oidc' }" },
    where: 'start',
    sees: '- members: needs `identify`: without it nobody is ever signed in',
    args: ['--url', 'http://127.0.0.1:1/chat'],
    doctor: AWAY,
  },
];
