// With Playwright: the chat as a visitor has it, and what the agent sees.
const { expect, test } = require('@playwright/test');
const { startPlatform } = require('./platform.js');
const { startSite } = require('./site.js');

let emulator;
let site;
test.beforeAll(async () => {
  emulator = await startPlatform();
  site = await startSite();
});
test.afterAll(async () => {
  await site.close();
  await emulator.close();
});

test('a visitor chats', async ({ page }) => {
  await page.goto(site.url);
  await page.getByRole('button', { name: 'Open messenger' }).click();
  await page.getByRole('textbox').fill('Do you deliver?');
  await page.getByRole('textbox').press('Enter');
  await expect(page.getByText('You said: Do you deliver?')).toBeVisible();

  const [conversation] = emulator.conversations();
  expect(conversation.messages[0].text).toBe('Do you deliver?');
  expect(conversation.proven.isAuthenticated).toBe(false);
});
