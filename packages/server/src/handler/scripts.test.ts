// The browser's scripts go out small, cacheable and to everyone; boot.js with this mount's settings.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { GenesysGuestOptions } from '../options/options.ts';
import { fakeTokens } from '../testing/fake-tokens.ts';
import { testOptions, WEBCHAT } from '../testing/rig.ts';
import { crossSite, mountOf, other } from '../testing/site.ts';
import { publicConfig } from '../tokens/onboarding-config.ts';
import { createScripts, type Script } from './scripts.ts';

const script = `boot(${JSON.stringify('x'.repeat(2_000))});`;
const scripts = { 'boot.js': script, 'facade.js': script.replace('boot', 'facade') };

const ask = (name: string, headers: Record<string, string> = {}, options: GenesysGuestOptions = {}) => {
  const service = fakeTokens();
  const app = express().use('/chat', mountOf(service, options, scripts).handler);
  return request(app)
    .get(`/chat/${name}`)
    .set({ 'Accept-Encoding': '', ...headers })
    .buffer(true)
    .parse((res, done) => {
      const chunks: Buffer[] = [];
      res
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => done(null, Buffer.concat(chunks)));
    });
};

const source = `self.GenesysGuestMount={"bootstrap":"https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js","environment":"prod-euw1","deploymentId":"${WEBCHAT}"};\n${script}`;

describe.each(['boot.js', 'facade.js'])('GET /%s', (name) => {
  const boot = (...args: [Record<string, string>?, GenesysGuestOptions?]) => ask(name, ...args);
  const expected = name === 'boot.js' ? source : scripts['facade.js'];

  it('is the script, boot.js after the settings of this mount', async () => {
    const { status, headers, body } = await boot();
    expect(status).toBe(200);
    expect(String(body)).toBe(expected);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300, stale-while-revalidate=86400',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      vary: 'Accept-Encoding',
      'content-length': String(expected.length),
    });
    expect(headers).not.toHaveProperty('set-cookie');
  });

  it('carries settings that cannot end a script', async () => {
    const webchatId = '</script><!--';
    const text = String((await ask('boot.js', {}, { webchatId })).body);
    expect(text).not.toContain('<');
    expect(text).toContain(JSON.stringify(webchatId).replaceAll('<', '\\u003c'));
  });

  it.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br;q=0.5', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, GZIP', 'gzip'],
    ['*', 'br'],
    ['*, br;q=0', 'gzip'],
    ['deflate', undefined],
    ['', undefined],
    ['br;q=nonsense', undefined],
  ])('for Accept-Encoding %j comes as %s', (accepted, encoding) => {
    // Not over HTTP: the test's client would unpack it.
    const { messenger } = publicConfig(testOptions(), WEBCHAT);
    const answerTo = createScripts(scripts, messenger, false).get(`/${name}`) as Script;
    const req = { method: 'GET', headers: { 'accept-encoding': accepted }, host: undefined };
    const { headers, body } = answerTo(req);
    expect(headers['Content-Encoding']).toBe(encoding);
    const packed = body as Buffer;
    const decode = encoding === 'br' ? brotliDecompressSync : gunzipSync;
    expect(String(encoding ? decode(packed) : packed)).toContain(scripts[name as keyof typeof scripts]);
  });

  it.each([
    ['its own tag', (etag: string) => etag],
    ['a weakened tag', (etag: string) => `W/${etag}`],
    ['a list', (etag: string) => `"other", ${etag}`],
    ['any', () => '*'],
  ])('is not sent again to who has %s', async (_what, tag) => {
    const first = await boot({ 'Accept-Encoding': 'br' });
    const etag = String(first.headers['etag']);
    const again = await boot({ 'Accept-Encoding': 'br', 'If-None-Match': tag(etag) });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect(again.headers).toMatchObject({
      etag,
      vary: 'Accept-Encoding',
      'cache-control': first.headers['cache-control'],
    });
  });

  it('has a tag for each encoding', async () => {
    const tags = await Promise.all(
      ['br', 'gzip', ''].map((accepted) => boot({ 'Accept-Encoding': accepted })),
    );
    expect(new Set(tags.map(({ headers }) => headers['etag'])).size).toBe(3);
  });

  it('is never refused, and readable for allowed origins', async () => {
    const foreign = await boot({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }, crossSite);
    expect(foreign.status).toBe(200);
    expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
    const { headers } = await boot({ Origin: other, 'Sec-Fetch-Site': 'cross-site' }, crossSite);
    expect(headers).toMatchObject({ 'access-control-allow-origin': other, vary: 'Accept-Encoding, Origin' });
  });
});
