// Takes secrets and tokens out of what is printed. No message is built from them; a platform or a proxy may echo them.
import type { Facts } from './check.ts';

/** Characters: what is shorter would be found in ordinary words. */
const SHORTEST = 5;

/** By all that is known to be secret so far, in each of the forms in which it is sent. */
export const redactor = (facts: Facts): ((text: string) => string) => {
  const { GENESYSCLOUD_OAUTHCLIENT_SECRET: environment, GENESYS_GUEST_SECRETS: keys = '' } = process.env;
  const password = facts.redis === undefined ? '' : new URL(facts.redis).password;
  const clientSecret = facts.platform?.clientSecret ?? environment ?? '';
  const basic = Buffer.from(`${facts.platform?.clientId}:${clientSecret}`).toString('base64');
  const secrets = [
    clientSecret,
    basic,
    ...keys.split(',').map((key) => key.trim()),
    facts.accessToken ?? '',
    facts.visitor?.split('=')[1] ?? '',
    password,
    decodeURIComponent(password),
  ]
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter(({ length }) => length >= SHORTEST);
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '•••'), text);
};
