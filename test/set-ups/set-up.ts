// One wrong set-up: how it is wrong, the one line that its owner sees of it and where, and what doctor says.
import { type EmulatorOptions, startEmulator } from '@genesys-guest/emulator';
import { doctor } from 'genesys-guest';
import { onTestFinished, vi } from 'vitest';
import { type ProxyOptions, proxy } from '../../packages/cli/src/testing/site.ts';
import { type Environment, portless, type Site, type SiteCode, startSite } from './site.ts';

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

/**
 * Where the owner sees it: as the site starts, in its log, as the answer to a request (`POST /chat/renew: HTTP 403 …`), or in the
 * browser's console. `doctor alone`: the site cannot know it. `nowhere`: it does no harm.
 */
export type Where = 'start' | 'log' | 'HTTP answer' | 'browser console' | 'doctor alone' | 'nowhere';

export interface SetUp {
  readonly broken: string;
  readonly code?: SiteCode;
  readonly env?: Environment;
  readonly platform?: EmulatorOptions;
  readonly fault?: Parameters<Emulator['fault']>[0];
  /** Another instance behind the same balancer: its environment, where that differs. */
  readonly second?: Environment;
  /** A proxy in front. */
  readonly between?: ProxyOptions;
  /** Under which host visitors reach it, in place of 127.0.0.1. */
  readonly host?: string;
  readonly where: Where;
  /** The line, without ports; empty where there is none. */
  readonly sees: string;
  /** What doctor is given beside the site's URLs. */
  readonly args?: readonly string[];
  /** Its line, as `fail: …`, `warn: …` or `skip: …`; empty where it finds nothing wrong. */
  readonly doctor: string;
}

const GOOD: Environment = {
  GENESYSCLOUD_REGION: 'eu-west-1',
  GENESYSCLOUD_OAUTHCLIENT_ID: 'emulator-client',
  GENESYSCLOUD_OAUTHCLIENT_SECRET: 'canary-client-key',
  GENESYS_GUEST_WEBCHAT_ID: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
  GENESYS_GUEST_SECRETS: 'canary-cookie-key-0123456789-abcdefgh',
};

export interface Running {
  readonly emulator: Emulator;
  readonly site: Site;
  /** As visitors reach it; `undefined` where it did not start. */
  readonly origin: string | undefined;
  readonly env: Environment;
}

/** It ends with the test. */
export const start = async ({
  code = {},
  between,
  host = '127.0.0.1',
  ...setUp
}: SetUp): Promise<Running> => {
  const emulator = await startEmulator({ clientSecret: 'canary-client-key', ...setUp.platform });
  onTestFinished(() => emulator.close());
  if (setUp.fault) emulator.fault(setUp.fault);
  const env = { ...GOOD, ...setUp.env };
  const shared = { ENDPOINTS: JSON.stringify(emulator.endpoints) };
  const site = await startSite(code, { ...env, ...shared });
  const other = setUp.second && (await startSite(code, { ...env, ...shared, ...setUp.second }));
  const origins = [site.origin, other?.origin ?? site.origin];
  // One request to each, in turn.
  const balance: ProxyOptions = { to: () => origins.reverse()[1] as string };
  const front =
    site.origin && (between ?? other) ? await proxy(site.origin, between ?? balance) : site.origin;
  return { emulator, site, origin: front?.replace('127.0.0.1', host), env };
};

interface Finding {
  readonly status: string;
  readonly message: string;
}

/** What doctor finds wrong or could not see, asked by the owner of the site from the same environment: a line each. */
export const askDoctor = async (
  { emulator, origin, env }: Running,
  args: readonly string[] = [],
): Promise<string[]> => {
  // The test runner's own name for the environment is not the site's.
  for (const [name, value] of Object.entries({ NODE_ENV: undefined, ...env })) vi.stubEnv(name, value);
  const site = origin ? ['--url', `${origin}/chat`, '--site', `${origin}/`, '--issue'] : [];
  let text = '';
  const out = {
    write(more: string) {
      text += more;
    },
  };
  try {
    await doctor(['--json', '--emulator', emulator.url, ...site, ...args], '0.0.0', { out, err: out });
  } finally {
    vi.unstubAllEnvs();
  }
  return (JSON.parse(text).findings as Finding[])
    .filter(({ status }) => status !== 'pass')
    .map(({ status, message }) => portless(`${status}: ${message}`));
};
