// Checks what Genesys Cloud says to this server: its clock, the OAuth client, and a guest token for a test guest.
import { parseRetryAfter } from '@genesys-guest/common';
import type { Call } from '../../../server/src/observe/ports.ts';
import { ClockSkew } from '../../../server/src/upstream/clock-skew.ts';
import { guestTokenRequest, readGuestToken } from '../../../server/src/upstream/guest-token-call.ts';
import {
  createHttpClient,
  type HttpAnswer,
  HttpError,
  type HttpRequest,
} from '../../../server/src/upstream/http-client.ts';
import { credentialHint, oauthRequest, readGrant } from '../../../server/src/upstream/oauth-call.ts';
import { errorOfAnswer, errorOfHttp, UpstreamError } from '../../../server/src/upstream/upstream-error.ts';
import { type Context, check, type Finding, fail, found, pass, skip, warn } from './finding.ts';
import { ask, header } from './http.ts';
import { troubleOf } from './network.ts';
import { inWords } from './words.ts';

/** Seconds that say nothing: `Date` has whole ones, and an answer takes its time. */
const NOISE = 5;

/** Milliseconds: `Date` is cut to whole seconds, half of one on average. */
const HALF_A_SECOND = 500;

/** Seconds by which two instances may differ before one refuses the other's visitor cookies. */
const SKEW = 300;

const SET_CLOCK = 'Switch on time synchronisation (timedatectl set-ntp true, or chrony), on every instance.';

const usesTokens = ({ source }: Context['asked']): boolean => source !== 'none';

export const clock = check({
  name: 'clock',
  when: usesTokens,
  title: 'the clock',
  group: 'Genesys Cloud',
  needs: ['endpoints', 'oauthReached'],
  run: async ({ now, signal, env }, { endpoints }) => {
    const askedAt = now();
    let date: string;
    try {
      date = header(await ask(endpoints.oauthToken, {}, signal), 'date');
    } catch (error) {
      const { what, mend } = troubleOf(error, env);
      return found(warn(`The clock could not be compared: OAuth's host ${what}`, mend));
    }
    const theirs = Date.parse(date);
    if (Number.isNaN(theirs)) return found(skip('The clock: the platform named no time'));
    return found(clockFinding(Math.round((theirs + HALF_A_SECOND - (askedAt + now()) / 2) / 1_000)));
  },
});

/** @param ahead seconds by which the platform's clock is ahead of ours */
const clockFinding = (ahead: number): Finding => {
  const off = Math.abs(ahead);
  if (off <= NOISE) return pass("The clock agrees with the platform's");
  const how = `This machine's clock is ${inWords(off)} ${ahead > 0 ? 'behind' : 'ahead of'} the platform's`;
  if (off <= SKEW) return warn(how, SET_CLOCK);
  return fail(`${how}: instances refuse each other's visitor cookies, and TLS may fail`, SET_CLOCK);
};

export const oauth = check({
  name: 'oauth',
  when: usesTokens,
  title: 'the OAuth client',
  group: 'Genesys Cloud',
  needs: ['endpoints', 'clientId', 'clientSecret', 'oauthReached'],
  run: async (context, { endpoints, clientId, clientSecret, region }) => {
    const where = region ? `${region.aws} (${region.domain})` : 'this region';
    try {
      const request = oauthRequest(endpoints.oauthToken, clientId, clientSecret);
      const { value, expiresAt, issuedAt } = await post('oauth', request, context, ({ answer, askedAt }) =>
        readGrant(answer, askedAt),
      );
      const hours = inWords((expiresAt - issuedAt) / 1_000);
      return {
        ...found(pass(`OAuth takes the client in ${where}; an access token is good for ${hours}`)),
        facts: { accessToken: value },
      };
    } catch (error) {
      const { status, reason, fix: mend } = failureOf(error);
      if (status !== 401 && status !== 400)
        return found(fail(`OAuth gives no access token: ${reason}`, mend));
      return found(
        fail(
          `OAuth does not take this client id with this secret in ${where}: ${reason}`,
          `${credentialHint(clientId, clientSecret)}Compare GENESYSCLOUD_OAUTHCLIENT_SECRET and GENESYSCLOUD_OAUTHCLIENT_ID with Admin > Integrations > OAuth, where the grant type must be Client Credentials. A client exists in one region alone: check that ${where} is the organisation's.`,
        ),
      );
    }
  },
});

export const guestToken = check({
  name: 'guest-token',
  when: usesTokens,
  title: 'guest tokens',
  group: 'Genesys Cloud',
  needs: ['endpoints', 'webchatId', 'accessToken', 'guestTokensReached'],
  run: async (context, { endpoints, webchatId, accessToken }) => {
    if (!context.asked.issue) {
      return found(
        skip('Guest tokens: none was issued', 'Add --issue to really issue one, for a test guest.'),
      );
    }
    const skew = new ClockSkew();
    const guest = { externalId: 'genesys-guest-doctor' };
    const { now } = context;
    // The time that the platform has: a clock that is off is told of by itself, and must not be blamed on the permission.
    const { headers } = await ask(endpoints.oauthToken, {}, context.signal);
    skew.learn(headers, now());
    const request = { guest, webchatId, lifetime: 300 };
    const bearer = { value: accessToken, issuedAt: 0, expiresAt: 0 };
    const call = guestTokenRequest(endpoints.guestTokens, request, bearer, skew.toPlatform(now()));
    try {
      const { token } = await post('guest-tokens', call, context, ({ answer, askedAt }) =>
        readGuestToken(answer, request, askedAt, now(), skew),
      );
      return found(pass(`A guest token was issued for a test guest (${token.length} characters)`));
    } catch (error) {
      const { reason, fix: mend } = failureOf(error);
      return found(fail(`No guest token is issued: ${reason}`, mend));
    }
  },
});

/** One try, with the very code that the server calls by. @throws UpstreamError */
const post = async <T>(
  name: Call,
  request: HttpRequest,
  { now, asked }: Context,
  read: (posted: { readonly answer: HttpAnswer; readonly askedAt: number }) => T,
): Promise<T> => {
  const http = createHttpClient(1);
  const askedAt = now();
  try {
    const answer = await http.post(request, Math.min(asked.timeout, 10_000) * 0.9);
    if (answer.status === 200 || answer.status === 201) return read({ answer, askedAt });
    throw errorOfAnswer(name, answer, parseRetryAfter(answer.headers['retry-after'], now()));
  } catch (error) {
    throw error instanceof HttpError ? errorOfHttp(name, request.url, error) : error;
  } finally {
    await http.close();
  }
};

const failureOf = (error: unknown) => {
  if (error instanceof UpstreamError) return error.failure;
  throw error;
};
