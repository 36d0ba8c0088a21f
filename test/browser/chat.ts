// The emulated Messenger as a visitor uses it.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export const openChat = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Open messenger' }).click();
  await page.getByRole('dialog', { name: 'Messenger' }).waitFor();
};

/** Says something, waits for the agent's answer, and returns what the agent saw beside it. */
export const say = async (page: Page, text: string): Promise<Record<string, string>> => {
  const messenger = page.getByRole('dialog', { name: 'Messenger' });
  await messenger.getByLabel('Message').fill(text);
  await messenger.getByLabel('Send').click();
  await messenger.getByText(`You said: ${text}`, { exact: true }).waitFor();
  return seenByAgent(page);
};

const seenByAgent = (page: Page): Promise<Record<string, string>> =>
  page
    .getByRole('region', { name: 'What the agent sees' })
    .locator('dl > div')
    .evaluateAll((rows) =>
      Object.fromEntries(
        rows.map((row) => [
          row.querySelector('dt')?.textContent ?? '',
          row.querySelector('dd')?.textContent ?? '',
        ]),
      ),
    );

/** Waits until `read` gives what `good` takes: conditions, not sleeps. */
export const until = async <T>(read: () => Promise<T> | T, good: (value: T) => boolean): Promise<T> =>
  expect
    .poll(async () => good(await read()), { timeout: 30_000, interval: 100 })
    .toBe(true)
    .then(read);
