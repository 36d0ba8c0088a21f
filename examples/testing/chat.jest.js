// With Jest.
const { startPlatform } = require('./platform.js');
const { startSite } = require('./site.js');

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

test('a visitor gets a token, and is known to the site', async () => {
  const post = (headers) => fetch(`${site.url}/chat/renew`, { method: 'POST', headers });
  // As a page does: the first answer brings the cookie, the second the token.
  const [cookie] = (await post()).headers.getSetCookie()[0].split(';');
  const config = await (await post({ cookie })).json();
  expect(config.guestToken).toEqual(expect.any(String));
  const page = await fetch(site.url, { headers: { cookie } });
  expect(await page.text()).toContain('Welcome back');
  expect(emulator.stats().guestTokens).toBe(1);
});
