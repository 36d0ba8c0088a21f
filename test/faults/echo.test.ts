// A gateway that repeats in its refusals what it was sent, escaped in every way: not a word of it is passed on.
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bodyOf, endpointsAt, listen } from './local-platform.ts';
import { createSite, failureOf } from './site.ts';

const SECRET = 'Qm4-client+secret/9z';
const ACCESS_TOKEN = 'Hx7-access+token/2k';
const ATTRIBUTES = { name: 'Zoë Müller', pin: '42', id: '7f1c6a52-not-ours' };
const CANARIES = [SECRET, ACCESS_TOKEN, ATTRIBUTES.name, ATTRIBUTES.id, 'Müller'];

const escaped = (text: string): string =>
  [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

/** How a gateway may write what it was sent, inside a string of JSON. */
const WAYS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => JSON.stringify(text).slice(1, -1),
  'with every character escaped': escaped,
  'in percent-encoding': encodeURIComponent,
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'back to front': (text) => [...text].reverse().join('').replaceAll('"', "'").replaceAll('\\', '/'),
};

/** @param refuses the call that meets the echo; the other is answered well */
const startGateway = async (refuses: string, status: number, way: (text: string) => string) => {
  const server = createServer(async (req, res) => {
    const sent = `${req.headers.authorization} ${SECRET} ${ACCESS_TOKEN} ${await bodyOf(req)}`;
    res.setHeader('content-type', 'application/json');
    if (req.url !== refuses) {
      res.end(JSON.stringify({ access_token: ACCESS_TOKEN, token_type: 'bearer', expires_in: 86_400 }));
      return;
    }
    const text = way(sent);
    res.statusCode = status;
    res.setHeader('inin-correlation-id', encodeURIComponent(ACCESS_TOKEN));
    const fields = ['message', 'code', 'contextId', 'error', 'description', 'error_description'];
    res.end(`{${fields.map((field) => `"${field}":"${text}"`).join(',')}}`);
  });
  return `http://127.0.0.1:${await listen(server)}`;
};

describe.each(['/oauth/token', '/api/v2/guest-tokens'])('an echo of %s', (refuses) => {
  it.each(Object.keys(WAYS))('%s reaches no error, log, audit or event', async (name) => {
    const way = WAYS[name] as (text: string) => string;
    for (const status of [200, 400, 401, 403, 429, 503]) {
      const origin = await startGateway(refuses, status, way);
      const events: unknown[] = [];
      const site = createSite(endpointsAt(origin), {
        clientSecret: SECRET,
        upstream: { timeout: 1_200, deadline: 1_200 },
        events: async (batch: unknown) => void events.push(batch),
      });
      const failure = await failureOf(site.tokens.onboard({ externalId: 'zoe', attributes: ATTRIBUTES }));
      expect(failure?.code).toMatch(/^upstream_/);
      const audit = site.tokens.auditLog();
      await site.tokens.close();
      expect(events).not.toEqual([]);
      const seen = inspect([failure, site.log, audit, events, site.tokens], { depth: 20, showHidden: true });
      for (const canary of CANARIES.flatMap((text) => [text, way(text), encodeURIComponent(text)])) {
        expect(seen).not.toContain(canary);
      }
      // The operator still reads what happened and what to do.
      expect(failure?.message).toMatch(/HTTP \d{3}.*(check|Give|Lower|Genesys Cloud failed)/i);
    }
  });
});
