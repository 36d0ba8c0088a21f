// With vitest.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startPlatform } from './platform.js';
import { startSite } from './site.js';

let emulator;
let site;
beforeAll(async () => {
  emulator = await startPlatform();
  site = await startSite();
});
afterAll(async () => {
  await site.close();
  await emulator.close();
});
beforeEach(() => emulator.clearFaults());

/** As a page does: the first answer brings the cookie, the second the token. */
const visit = async () => {
  const first = await fetch(`${site.url}/chat/renew`, { method: 'POST' });
  const [cookie] = first.headers.getSetCookie()[0].split(';');
  const second = await fetch(`${site.url}/chat/renew`, { method: 'POST', headers: { cookie } });
  return { cookie, status: second.status, config: await second.json() };
};

it('a visitor gets a token, and is known to the site', async () => {
  const { cookie, config } = await visit();
  expect(config.guestToken).toEqual(expect.any(String));
  const page = await fetch(site.url, { headers: { cookie } });
  expect(await page.text()).toContain('Welcome back');
});

it('a visitor chats on while Genesys Cloud refuses', async () => {
  emulator.fault({ call: 'guestTokens', fault: 'status', status: 403, times: 'always' });
  const { status, config } = await visit();
  expect(status).toBe(200);
  expect(config.guestToken).toBeUndefined();
  expect(config.messenger.deploymentId).toBe('test-deployment');
});
