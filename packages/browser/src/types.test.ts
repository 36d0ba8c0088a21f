// The types that a page's code sees: what is right compiles, what is misspelt does not. Checked by `tsc`, not by running.
import { expect, it } from 'vitest';
import type { Problem, ProblemCode } from './index.ts';

/** Never called. */
const page = () => {
  Genesys('command', 'Messenger.open');
  Genesys('command', 'Database.set', { messaging: { customAttributes: { cart: '3' } } }, (database) =>
    String(database.messaging),
  );
  Genesys('subscribe', 'MessagingService.conversationDisconnected', ({ data }) => String(data));
  Genesys('command', 'GuestToken.get', {}, (token) => token?.length);
  // A plugin that nobody here knows.
  Genesys('command', 'Loyalty.points', { of: 'anna' }, (value) => String(value));
  Genesys('subscribe', 'Loyalty.changed', ({ data }) => String(data));
  window.GenesysGuest?.boot({ launcher: 'facade', token: 'eager', onChange: 'keep', show: true });
  GenesysGuest.boot().then(async (session) => (await session.getToken()).length);
  const code: ProblemCode = 'guest_changed';
  // @ts-expect-error no such command
  Genesys('command', 'Messenger.opne');
  // @ts-expect-error no such event
  Genesys('subscribe', 'MessagingService.restord', () => {});
  // @ts-expect-error no such option of the command
  Genesys('command', 'Database.remove', { nmae: 'messaging' });
  // @ts-expect-error no such launcher
  GenesysGuest.boot({ launcher: 'fasade' });
  return (problem: Problem) => problem.code === code;
};

it('is checked by the compiler', () => {
  expect(page).toBeTypeOf('function');
});
