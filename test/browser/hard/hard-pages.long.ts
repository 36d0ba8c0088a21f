// Pages that make it hard: each ends in a chat that works or in one clear error, in time, and none in an exception.
import type { Frame } from 'playwright-core';
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { type Visit, visit } from '../visit.ts';
import { describeInChromiumAsItIs } from './as-it-is.ts';
import { CHATS, ERRORS, type Row } from './hard-rows.ts';
import { sites } from './site.ts';

describeInChromiumAsItIs('A hard page', (browser) => {
  const startSite = sites();

  const open = async (row: Row) => {
    const site = await startSite(row);
    const visitor = await visit(browser(), `${site.url}/blank`);
    const exceptions: string[] = [];
    visitor.page.on('pageerror', (error) => exceptions.push(String(error)));
    await row.prepare?.(visitor.page, site);
    // Not the load of a script that hangs.
    await visitor.page.goto(site.url, { waitUntil: 'domcontentloaded' });
    await row.later?.(visitor.page, site);
    return { visitor, site, exceptions };
  };

  const errors = async (frame: Frame) =>
    (await frame.evaluate(() => window.watched?.events ?? []))
      .filter(({ name }) => name === 'error')
      .map(({ detail }) => JSON.parse(detail).code as string);

  it.each(CHATS)('ends in a chat: $name', async (row) => {
    const { visitor, site, exceptions } = await open(row);
    const frame = visitor.page.frames().at(-1) as Frame;
    await chats(frame, row.mute);
    const { bootstrap } = site.emulator.stats();
    expect(bootstrap).toBe(1);
    await until(
      () => errors(frame),
      (all) => all.length > 0 || !row.beside,
    );
    expect(new Set(await errors(frame))).toEqual(new Set(row.beside ? [row.beside] : []));
    expect(exceptions).toEqual([]);
    await visitor.context.close();
  });

  it.each(ERRORS)('ends in $code: $name', async (row) => {
    const { visitor, exceptions } = await open(row);
    const frame = visitor.page.mainFrame();
    await until(
      () => errors(frame),
      (all) => all.length > 0,
    );
    expect(await errors(frame)).toEqual([row.code]);
    expect(exceptions).toEqual([]);
    await visitor.context.close();
  });

  it('ends in messenger_cleared: another tab forgets the visitor', async () => {
    const site = await startSite();
    const visitor = await visit(browser(), site.url);
    const { page, context } = visitor;
    await chats(page.mainFrame());
    const other = await context.newPage();
    await other.goto(site.url);
    await other.getByRole('button', { name: 'Close messenger' }).waitFor();
    await other.evaluate(async () => (await window.GenesysGuest?.boot())?.forget());
    await until(
      async () => (await visitor.events()).map(({ name }) => name),
      (names) => names.includes('disposed'),
    );
    expect(await errors(page.mainFrame())).toEqual(['messenger_cleared']);
    expect(await codeOfBoot(visitor)).toBe('messenger_cleared');
    expect(await context.cookies()).toEqual([]);
    await visitor.page.reload();
    await chats(page.mainFrame());
    await visitor.context.close();
  });
});

const codeOfBoot = ({ page }: Visit) =>
  page.evaluate(() =>
    window.GenesysGuest?.boot().then(
      () => undefined,
      ({ code }: { code: string }) => code,
    ),
  );

/** Opens Messenger by its one launcher, and talks. */
const chats = async (frame: Frame, mute = false) => {
  const launcher = frame.getByRole('button', { name: /(Open|Close) messenger/ });
  await launcher.click();
  expect(await launcher.count()).toBe(1);
  const messenger = frame.getByRole('dialog', { name: 'Messenger' });
  await messenger.waitFor();
  if (mute) return;
  await messenger.getByLabel('Message').fill('hello');
  await messenger.getByLabel('Send').click();
  await messenger.getByText('You said: hello', { exact: true }).waitFor();
};
