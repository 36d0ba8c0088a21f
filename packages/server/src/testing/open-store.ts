// For tests: a shared store as it is opened for a site, without the rooms above it.
import { onTestFinished } from 'vitest';
import { silentLog } from '../observe/log.ts';
import { redisStore } from '../redis/redis-store.ts';
import type { GuestKey, GuestToken, IssueOptions } from '../store/ports.ts';
import type { StoreContext } from '../upstream/shared-store.ts';
import { testOptions, WEBCHAT } from './rig.ts';

export const now = (): number => Date.now();

export const guest = (externalId: string, webchatId = WEBCHAT): GuestKey => ({ webchatId, externalId });

export const tokenOf = (key: GuestKey, token: string, ms = 3_600_000): GuestToken => ({
  ...key,
  token,
  attributes: undefined,
  issuedAt: now() - 1_000,
  expiresAt: now() + ms,
});

/** How a token is issued; any that is there will do. */
export const issuing = (issue: IssueOptions['issue'], deadline = now() + 15_000): IssueOptions => ({
  suffices: () => true,
  issue,
  deadline,
  signal: undefined,
});

export const openStore = (url: string, context: Partial<StoreContext> = {}) => {
  const store = redisStore({ url }).open({
    webchatId: WEBCHAT,
    secrets: ['a secret of the site, long enough'],
    upstream: testOptions(),
    tokenLifetime: 86_400,
    log: silentLog,
    now,
    onErased: () => {},
    onInvalidate: () => {},
    ...context,
  });
  onTestFinished(() => store.close());
  return store;
};
