// Broken set-ups of the network, options without a network, and set-ups in which nothing is wrong.
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { networkError } from '@genesys-guest/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command, expectNamed, findingsOf, GOOD_ENV, platform } from '../testing/doctor.ts';
import { listen } from '../testing/site.ts';

const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const ALL = "OAuth, guest tokens, deployment files, Messenger's script";

describe('the options', () => {
  it('name what is missing, without a call', async () => {
    const findings = await expectNamed(
      {
        broken: 'a missing secret',
        env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: undefined },
        check: 'options',
        sees: 'FAIL  clientSecret is missing',
        fix: /environment variable GENESYSCLOUD_OAUTHCLIENT_SECRET\. Genesys Cloud has it under/,
      },
      [],
    );
    expect(findings.filter(({ check }) => check === 'hosts')).toEqual([]);
  });

  it('may lack the keys of the cookie, and the platform is checked all the same', async () => {
    const emulator = await platform();
    const env = { ...GOOD_ENV, GENESYS_GUEST_SECRETS: 'short' };
    const { findings } = await findingsOf(['--emulator', emulator.url], env);
    expect(findings.find(({ check }) => check === 'oauth')?.status).toBe('pass');
  });
});

describe('the network', () => {
  it('names a port at which nobody listens, and leaves out what follows from it', async () => {
    const findings = await expectNamed(
      {
        broken: 'a wrong port',
        check: 'hosts',
        sees: `FAIL  127.0.0.1:<port> (${ALL}) refuses connections: nobody listens on this port`,
        fix: /In a container 127\.0\.0\.1 is the container itself/,
      },
      ['--emulator', `http://127.0.0.1:${await closedPort()}`],
    );
    expect(findings.filter(({ status }) => status === 'fail')).toHaveLength(1);
    expect(findings.find(({ check }) => check === 'oauth')).toMatchObject({
      status: 'skip',
      message: 'The OAuth client: not checked, as its host cannot be reached',
    });
  });

  it('names the one host that hangs', async () => {
    const hanging = createServer();
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void hanging.close());
    const { port } = hanging.address() as { port: number };
    const emulator = await platform();
    const url = `http://127.0.0.1:${port}/guest-tokens`;
    const findings = await expectNamed(
      {
        broken: 'a firewall that drops what it does not like',
        check: 'hosts',
        sees: 'FAIL  127.0.0.1:<port> (guest tokens) does not answer in time',
        fix: /Open the firewall/,
      },
      ['--emulator', emulator.url, '--guest-tokens-url', url, '--timeout', '0.5'],
    );
    expect(findings.find(({ check }) => check === 'oauth')?.status).toBe('pass');
  });

  it('names https where there is plain http', async () => {
    const emulator = await platform();
    await expectNamed(
      {
        broken: 'https for http',
        check: 'hosts',
        sees: `FAIL  127.0.0.1:<port> (${ALL}) does not speak TLS on this port`,
        fix: /http and redis are for a plain port/,
      },
      ['--emulator', emulator.url.replace('http:', 'https:')],
    );
  });

  it('reads no answer without end', async () => {
    const endless = await listen(
      createHttpServer((req, res) => {
        const fill = (): void => {
          while (req.method !== 'HEAD' && !res.destroyed && res.write(Buffer.alloc(65_536, 'x')));
        };
        res.on('drain', fill);
        fill();
        if (req.method === 'HEAD') res.end();
      }),
    );
    const emulator = await platform();
    const args = ['--emulator', emulator.url, '--bootstrap-url', `${endless}/genesys.min.js`];
    const { findings } = await findingsOf(args);
    expect(findings.find(({ check }) => check === 'bootstrap')).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/cannot be reached/),
    });
  });

  it('names the variable of an emulator that is no URL', async () => {
    const { status, err } = await command([], { ...GOOD_ENV, GENESYS_GUEST_EMULATOR: '127.0.0.1:4010' });
    expect(status).toBe(2);
    expect(err).toMatch(/^genesys-guest doctor: GENESYS_GUEST_EMULATOR must be a full http or https URL/);
  });

  it.each([
    ['ENOTFOUND', /has no address in DNS/],
    ['EAI_AGAIN', /DNS server does not answer/],
    ['ETIMEDOUT', /does not answer in time/],
    ['ECONNRESET', /breaks the connection/],
    ['EHOSTUNREACH', /from this network/],
    ['CERT_HAS_EXPIRED', /not valid today/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another host's certificate/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /does not trust/],
    ['E_NEW', /cannot be reached/],
  ])('is named by the code of the error: %s', (code, what) => {
    // As of a host with several addresses, each of which was tried.
    const error = new AggregateError([Object.assign(new Error('no'), { code })]);
    expect(networkError(error).what).toMatch(what);
  });
});

describe('a good set-up', () => {
  it('may come from the variable of the emulator alone', async () => {
    const emulator = await platform({ clientSecret: 'emulator-secret' });
    const { GENESYSCLOUD_REGION, GENESYS_GUEST_WEBCHAT_ID } = GOOD_ENV;
    const env = { GENESYSCLOUD_REGION, GENESYS_GUEST_WEBCHAT_ID, GENESYS_GUEST_EMULATOR: emulator.url };
    const { status, findings } = await findingsOf(['--issue'], env);
    expect(findings.filter((line) => line.status === 'fail')).toEqual([]);
    expect(status).toBe(0);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('is green from the options to the script', async () => {
    const emulator = await platform({ allowedDomains: ['localhost'] });
    const { status, findings } = await findingsOf([
      '--emulator',
      emulator.url,
      '--site',
      emulator.url.replace('127.0.0.1', 'localhost'),
      '--issue',
    ]);
    const green = findings.filter(({ group }) => !['Redis', 'Mounted handler', 'Page'].includes(group));
    expect(green.filter((line) => line.status !== 'pass')).toEqual([]);
    expect(status).toBe(0);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('costs no guest token unless it is asked to', async () => {
    const emulator = await platform();
    const { findings } = await findingsOf(['--emulator', emulator.url]);
    expect(findings.find(({ check }) => check === 'guest-token')).toMatchObject({ status: 'skip' });
    expect(emulator.stats().guestTokens).toBe(0);
  });
});
