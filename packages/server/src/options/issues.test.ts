// Every issue of the options is named at once, with a fix and without a value that might be a secret.
import { describe, expect, it } from 'vitest';
import { good, issuesOf, production } from '../testing/options.ts';
import { resolveOptions } from './handler-options.ts';

const signing = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
const SIGNING = signing(32);

describe('an issue', () => {
  it.each([
    [{ regoin: 'eu-west-1' }, /^regoin is not an option; did you mean `region`\?$/],
    [{ upstream: { perMinuet: 3 } }, /^upstream\.perMinuet is not an option; did you mean `perMinute`\?$/],
    [{ cookie: { samesite: 'Lax' } }, /^cookie\.samesite .*`sameSite`/],
    [{ endpoints: { oauth: 'https://x.example/' } }, /^endpoints\.oauth .*`oauthToken`/],
    [{ audit: { keys: 'x' } }, /^audit\.keys .*`key`/],
    [{ region: 'eu-wset-1' }, /^region is not a region.*'eu-west-1'/],
    [{ region: 7 }, /^region must be a region/],
    [{ clientId: '' }, /^clientId is empty/],
    [{ clientId: 'client\n' }, /^clientId has white space/],
    [{ clientSecret: 'secret\n' }, /^clientSecret has white space around it/],
    [{ clientSecret: 7 }, /^clientSecret must be .* or a function/],
    [{ webchatId: null }, /^webchatId must be the Messenger deployment's id/],
    [{ secrets: ['short'] }, /^secrets\[0\] must be a string of 32 characters or more/],
    [{ secrets: 'one string'.repeat(9) }, /^secrets must be an array/],
    [{ source: 'guest-token' }, /^source must be 'guest-tokens' or 'none', or a function/],
    [{ tokenLifetime: 0 }, /^tokenLifetime must be a whole number of seconds from 1/],
    [{ tokenLifetime: '60' }, /^tokenLifetime must be a whole number/],
    [{ renewBefore: -1 }, /^renewBefore must be a whole number of seconds from 0/],
    [{ renewBefore: 1.5 }, /^renewBefore must be a whole number/],
    [
      { endpoints: { oauthToken: '/oauth/token' } },
      /^endpoints\.oauthToken must be a full http or https URL/,
    ],
    [
      { endpoints: { guestTokens: 'https://a:b@x.example/' } },
      /^endpoints\.guestTokens .* without user name/,
    ],
    [{ endpoints: { bootstrap: 'ftp://x.example/' } }, /^endpoints\.bootstrap/],
    [{ endpoints: 'https://x.example' }, /^endpoints must be an object/],
    [{ store: {} }, /^store must be what memoryStore/],
    [{ upstream: { perMinute: 0 } }, /^upstream\.perMinute must be a whole number of calls from 1/],
    [{ upstream: { concurrency: Number.POSITIVE_INFINITY } }, /^upstream\.concurrency must be/],
    [{ upstream: { maxQueue: -1 } }, /^upstream\.maxQueue must be/],
    [{ upstream: { timeout: 0 } }, /^upstream\.timeout must be .* milliseconds/],
    [
      { upstream: { dispatcher: 'http://proxy:3128' } },
      /^upstream\.dispatcher must be a dispatcher of undici/,
    ],
    [{ upstream: { timeout: 9_000, deadline: 8_000 } }, /^upstream\.timeout is over `upstream\.deadline`/],
    [{ onInvalidate: 'log' }, /^onInvalidate must be a function/],
    [{ audit: { key: 'short' } }, /^audit\.key must be a string of 32/],
    [{ logger: { log: () => {} } }, /^logger must have the methods/],
    [{ identify: 'member' }, /^identify must be a function: \(req\)/],
    [{ whenUnavailable: 'ignore' }, /^whenUnavailable must be 'anonymous' or 'fail'/],
    [{ patience: -1 }, /^patience must be a whole number of milliseconds/],
    [{ mintsPerMinute: 0 }, /^mintsPerMinute must be/],
    [{ clientAddress: '1.2.3.4' }, /^clientAddress must be a function/],
    [{ admit: true }, /^admit must be a function/],
    [{ allowedOrigins: ['*'] }, /^allowedOrigins\[0\] '\*' is refused/],
    [{ allowedOrigins: ['https://*.example.com'] }, /^allowedOrigins\[0\] .* is refused.*list the origins/],
    [{ allowedOrigins: ['null'] }, /^allowedOrigins\[0\] 'null' is refused/],
    [{ allowedOrigins: ['https://a.example/path'] }, /^allowedOrigins\[0\] .*write 'https:\/\/a\.example'/],
    [{ allowedOrigins: ['a.example'] }, /^allowedOrigins\[0\] must be an origin.* such as/],
    [{ allowedOrigins: 'https://a.example' }, /^allowedOrigins must be an array/],
    [
      { allowedOrigins: ['https://a.example'] },
      /^allowedOrigins .*sameSite: 'None', secure: true.*publicOrigin/,
    ],
    [
      { allowedOrigins: ['https://a.example'], publicOrigin: 'https://b.example' },
      /^allowedOrigins browsers send no SameSite=Lax/,
    ],
    [
      { allowedOrigins: ['https://shop.our.example'], publicOrigin: 'https://www.our.example' },
      /^allowedOrigins it cannot be known.*set `cookie\.sameSite` to 'Lax' if/,
    ],
    [{ logLevel: 'verbose' }, /^logLevel must be 'trace' or 'debug' or/],
    [{ audit: { sink: 'audit.log' } }, /^audit\.sink must be a function: \(entry\)/],
    [{ audit: { instance: 'one' } }, /^audit\.instance is not an option/],
    [{ events: {} }, /^events\.url is missing: give `url` and `secret`, or `send`/],
    [{ events: { url: 'https://x.example/' } }, /^events\.secret is missing/],
    [{ events: { url: 'x', secret: SIGNING } }, /^events\.url must be a full http or https URL/],
    [{ events: { url: 'https://x.example/', secret: 'x' } }, /^events\.secret must be 'whsec_'/],
    [{ events: { url: 'https://x.example/', secret: signing(23) } }, /^events\.secret must be 'whsec_'/],
    [{ events: { url: 'https://x.example/', secret: signing(65) } }, /^events\.secret must be 'whsec_'/],
    [{ events: { url: 'https://x.example/', secret: [] } }, /^events\.secret must be 'whsec_'/],
    [{ events: { url: 'https://x.example/', secret: SIGNING, send: () => {} } }, /^events\.send cannot go/],
    [{ events: { send: 'x' } }, /^events\.send must be a function/],
    [{ events: { send: () => {}, durable: true } }, /^events\.durable needs `store: redisStore/],
    [{ publicOrigin: 'https://a.example/' }, /^publicOrigin must be an origin.*write 'https:\/\/a\.example'/],
    [{ cookie: { name: 'with space' } }, /^cookie\.name must be a cookie name/],
    [{ cookie: { maxAge: 40_000_000 } }, /^cookie\.maxAge must be .* to 34560000/],
    [{ cookie: { sameSite: 'lax' } }, /^cookie\.sameSite must be 'Lax' or 'Strict' or 'None'/],
    [{ cookie: { secure: false } }, /^cookie\.secure may be false in development alone/],
    [{ cookie: { domain: '.example.com', name: 'x' } }, /^cookie\.domain must be a domain/],
    [{ cookie: { domain: 'example.com' } }, /^cookie\.domain cannot go with a name that begins with __Host-/],
    [{ cookie: { name: '__Host-x', domain: 'example.com' } }, /^cookie\.domain cannot go with/],
    [
      { cookie: { name: 'x', domain: 'b.example' }, publicOrigin: 'https://a.example' },
      /^cookie\.domain must be the host of `publicOrigin` or above it/,
    ],
    [{ tokens: {} }, /^tokens must be what createGuestTokens/],
  ])('in %j is named', (options, issue) => {
    const issues = issuesOf({ ...good, ...options });
    expect(issues).toEqual([expect.stringMatching(issue)]);
  });

  it.each([
    [{ cookie: { sameSite: 'None', secure: false } }, /`sameSite: None`/],
    [{ cookie: { partitioned: true, secure: false } }, /`partitioned`/],
    [{ cookie: { name: '__Host-x', secure: false } }, /__Host-/],
    [{ cookie: { name: '__Secure-x', secure: false } }, /__Secure-/],
    [{ cookie: { domain: 'example.com' } }, /__Host-/],
    [{ allowedOrigins: ['https://shop.example'] }, /SameSite=Lax/],
  ])('in %j is one in development too', (options, issue) => {
    expect(issuesOf({ ...good, ...options }, { NODE_ENV: 'development' })).toEqual([
      expect.stringMatching(issue),
    ]);
  });

  it.each([24, 64])('is no signing secret of %d bytes', (bytes) => {
    expect(issuesOf({ ...good, events: { url: 'https://x.example/', secret: signing(bytes) } })).toEqual([]);
  });

  it('hides no other: all are in one error, which lists them', () => {
    const options = {
      regoin: 'x',
      tokenLifetime: -1,
      cookie: { maxAge: 0, secure: false },
      patience: 'long',
    };
    const issues = issuesOf(options);
    expect(issues).toHaveLength(10);
    expect(() => resolveOptions(options as never, production)).toThrow(
      /not configured correctly:\n {2}- (.+\n){9} {2}- /,
    );
  });

  it('is said without the value', () => {
    const secret = 'hunter2-hunter2';
    const options = {
      ...good,
      clientSecret: ` ${secret}`,
      secrets: [secret],
      audit: { key: secret },
      endpoints: { oauthToken: `https://me:${secret}@x.example/` },
    };
    const env = { ...production, GENESYS_GUEST_SECRETS: secret };
    for (const issues of [issuesOf(options), issuesOf({ ...good, secrets: undefined }, env)]) {
      expect(issues.length).toBeGreaterThan(0);
      expect(issues.join()).not.toContain(secret);
    }
  });

  it('is it to leave out what is required', () => {
    expect(issuesOf({})).toEqual([
      'region is missing: set `region` or the environment variable GENESYSCLOUD_REGION',
      'webchatId is missing: set `webchatId` or the environment variable GENESYS_GUEST_WEBCHAT_ID',
      'clientId is missing: set `clientId` or the environment variable GENESYSCLOUD_OAUTHCLIENT_ID',
      'clientSecret is missing: set `clientSecret` or the environment variable GENESYSCLOUD_OAUTHCLIENT_SECRET',
      expect.stringMatching(/^secrets are missing: set `secrets` or the environment variable/),
    ]);
  });
});
