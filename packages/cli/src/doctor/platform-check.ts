// Checks what Genesys Cloud says to this server: its clock, the OAuth client, and a guest token for a test guest.
import { duration, fail, pass, skip, warn } from './check.ts';
import { basic, field, type HttpAnswer, header } from './http.ts';
import type { Run } from './runner.ts';

/** Seconds that say nothing: `Date` has whole ones, and an answer takes its time. */
const NOISE = 5;

/** Milliseconds: `Date` is cut to whole seconds, half of one on average. */
const HALF_A_SECOND = 500;

/** Seconds by which two instances may differ before one refuses the other's visitor cookies. */
const SKEW = 300;

const SET_CLOCK = 'Switch on time synchronisation (timedatectl set-ntp true, or chrony), on every instance.';

export const clock = async ({ ask, learn, need }: Run) => {
  const { platform } = need('tokens', 'platform');
  const askedAt = Date.now();
  const theirs = Date.parse(header(await ask(platform.endpoints.oauthToken), 'date'));
  if (Number.isNaN(theirs)) return skip('The clock: the platform named no time');
  const clockSkew = theirs + HALF_A_SECOND - (askedAt + Date.now()) / 2;
  learn({ clockSkew });
  const ahead = Math.round(clockSkew / 1_000);
  const off = Math.abs(ahead);
  if (off <= NOISE) return pass("The clock agrees with the platform's");
  const how = `This machine's clock is ${duration(off)} ${ahead > 0 ? 'behind' : 'ahead of'} the platform's`;
  if (off <= SKEW) return warn(how, SET_CLOCK);
  return fail(`${how}: instances refuse each other's visitor cookies, and TLS may fail`, SET_CLOCK);
};

export const oauth = async ({ ask, learn, need }: Run) => {
  const { endpoints, clientId, clientSecret, region } = need('tokens', 'platform').platform;
  const where = `${region.aws} (${region.domain})`;
  const answer = await ask(endpoints.oauthToken, {
    headers: { authorization: basic(clientId, clientSecret) },
    form: { grant_type: 'client_credentials' },
  });
  if (answer.status === 400 || answer.status === 401) {
    return fail(
      `OAuth does not take this client id with this secret in ${where}: ${reasonOf(answer)}`,
      `${clientId === clientSecret ? 'The id and the secret are the same. ' : ''}Compare GENESYSCLOUD_OAUTHCLIENT_SECRET and GENESYSCLOUD_OAUTHCLIENT_ID with Admin > Integrations > OAuth, where the grant type must be Client Credentials. A client exists in one region alone: check that ${where} is the organisation's.`,
    );
  }
  const accessToken = field(answer, 'access_token');
  if (answer.status !== 200 || typeof accessToken !== 'string') {
    return fail(`OAuth gives no access token: ${reasonOf(answer)}`, fixOf(answer, OAUTH_FIXES));
  }
  learn({ accessToken });
  const life = duration(Number(field(answer, 'expires_in')));
  return pass(`OAuth takes the client in ${where}; an access token is good for ${life}`);
};

/** Seconds of life that the test guest's token is asked for. */
const LIFETIME = 300;

export const guestToken = async ({ ask, need }: Run) => {
  const { issue, platform, accessToken, clockSkew = 0 } = need('tokens', 'platform', 'accessToken');
  if (!issue)
    return skip('Guest tokens: none was issued', 'Add --issue to really issue one, for a test guest.');
  // The time that the platform has: a clock that is off is told of by itself, and must not be blamed on the permission.
  const expirationTime = new Date(Date.now() + clockSkew + LIFETIME * 1_000).toISOString();
  const guest = { externalId: 'genesys-guest-doctor', webchatId: platform.webchatId };
  const answer = await ask(platform.endpoints.guestTokens, {
    headers: { authorization: `Bearer ${accessToken}` },
    json: { ...guest, expirationTime },
  });
  if (answer.status !== 200 && answer.status !== 201) {
    return fail(`No guest token is issued: ${reasonOf(answer)}`, fixOf(answer, GUEST_TOKEN_FIXES));
  }
  const token = field(answer, 'token');
  if (field(answer, 'externalId') !== guest.externalId || typeof token !== 'string' || !token) {
    return fail('No guest token is issued: the answer is not a token of this guest', ELSEWHERE);
  }
  return pass(`A guest token was issued for a test guest (${token.length} characters)`);
};

/** Both shapes of error body: the API's, and OAuth's after RFC 6749. */
const reasonOf = (answer: HttpAnswer): string => {
  const first = (...names: readonly string[]) =>
    names.map((name) => field(answer, name)).find((word) => typeof word === 'string' && word !== '');
  const text = [first('code', 'error'), first('message', 'description', 'error_description')]
    .filter((word) => word !== undefined)
    .join(': ')
    // What a gateway has escaped once more would not be known for a secret.
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return `HTTP ${answer.status}${text && `: ${text.slice(0, 300)}`}`;
};

const ELSEWHERE = 'Check that the endpoint is the right one and that no proxy answers in its place.';

const OAUTH_FIXES: Readonly<Record<number, string>> = {
  403: 'Check that the OAuth client is active and may use Client Credentials.',
  404: 'Check the region and --oauth-token-url.',
};

const GUEST_TOKEN_FIXES: Readonly<Record<number, string>> = {
  400: 'The platform refused the test guest: check GENESYS_GUEST_WEBCHAT_ID.',
  401: 'The platform did not take the access token: check that the region is that of the OAuth client.',
  403: 'Give the OAuth client the scope webchat:guest-token:create, and check that it may use this webchatId.',
  404: "This organisation does not offer guest tokens at this endpoint: check endpoints.guestTokens, or set source: 'none' and let Messenger chat without them.",
};

const fixOf = ({ status }: HttpAnswer, fixes: Readonly<Record<number, string>>): string => {
  if (status === 429)
    return 'Wait a minute; then lower upstream.perMinute, or ask Genesys for a higher limit.';
  if (status >= 500) return 'Genesys Cloud failed: see its status page.';
  return fixes[status] ?? ELSEWHERE;
};
