// The command itself: usage, exit status, JSON, looks, time, and that no secret is ever printed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CANARY, command, findingsOf, GOOD_ENV, platform, SECRET } from '../testing/doctor.ts';
import { pass } from './check.ts';
import { readFlags } from './flags.ts';
import { hasColours, renderLine } from './render.ts';
import { type Check, type Line, Run } from './runner.ts';

describe('usage', () => {
  it.each([
    [['--client-secret', CANARY], /not taken from the command line/],
    [[`--client-secret=${CANARY}`], /not taken from the command line/],
    [['--secrets', SECRET], /not taken from the command line/],
    [['--sight'], /Unknown option '--sight'/],
    [['extra'], /Unexpected argument/],
    [['--site', 'www.example.com'], /--site must be a full http or https URL/],
    [['--redis', `http://:${CANARY}@host`], /--redis must be env:NAME, or a URL such as/],
    [['--redis', `redis://:${CANARY}%@host`], /password percent-encoded/],
    [['--redis', 'env:NOT_SET'], /environment variable NOT_SET, which is not set/],
    [['--timeout', '-1'], /Option '--timeout'|--timeout must be/],
    [['--timeout', '0'], /--timeout must be a number of seconds above 0/],
    [['--env-file', '/not/there'], /ENOENT/],
  ])('is refused with status 2: %j', async (args, problem) => {
    const { status, out, err } = await command(args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(problem);
    expect(err).not.toMatch(/canary/);
  });

  it('is shown by --help with status 0', async () => {
    const { status, out } = await command(['--help']);
    expect(status).toBe(0);
    expect(out).toMatch(/^Usage: genesys-guest doctor/);
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(110);
  });

  it('reads an .env file, which the environment comes before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, '.env');
    const text = Object.entries(GOOD_ENV).map(([name, value]) => `${name}="${value}"`);
    writeFileSync(path, text.join('\n'));
    const emulator = await platform();
    const args = ['--emulator', emulator.url, '--env-file', path];
    expect((await findingsOf(args, {})).findings[0]).toMatchObject({ status: 'pass' });
    const { findings } = await findingsOf(args, { GENESYSCLOUD_REGION: 'nowhere' });
    expect(findings[0]).toMatchObject({ status: 'fail' });
  });
});

describe('output', () => {
  it('is one JSON document with --json', async () => {
    const emulator = await platform({ launcher: 'Off' });
    const { status, out, err } = await command(['--json', '--emulator', emulator.url]);
    const { findings, ...rest } = JSON.parse(out);
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(rest).toEqual({
      ok: true,
      version: '0.0.0',
      counts: { pass: 7, warn: 1, fail: 0, skip: 3 },
    });
    expect(findings[0]).toEqual({
      check: 'options',
      group: 'Options',
      status: 'pass',
      message: expect.stringMatching(/^All that is needed is set: region eu-west-1/),
    });
  });

  it('ends with what to begin with', async () => {
    const { status, out } = await command(['--emulator', 'http://127.0.0.1:1'], {});
    expect(status).toBe(1);
    expect(out).toMatch(/^\nOptions\n {2}FAIL {2}region is missing\n {8}-> Set .*GENESYSCLOUD_REGION/);
    expect(out).toMatch(/\n\d+ failed, .*\nBegin with the first: region is missing\.\n$/);
  });

  it('has colours for a terminal alone, and not under NO_COLOR', () => {
    const line: Line = { check: 'a', group: 'A', status: 'fail', message: 'm', fix: 'n' };
    const shown = (isTTY: boolean, name = 'TERM', value = 'xterm') => {
      vi.stubEnv('NO_COLOR', undefined);
      vi.stubEnv(name, value);
      onTestFinished(() => void vi.unstubAllEnvs());
      return renderLine(line, hasColours({ isTTY }));
    };
    expect(shown(true)).toContain('\u001b[1;31mFAIL\u001b[0m');
    for (const plain of [shown(false), shown(true, 'NO_COLOR', '1'), shown(true, 'TERM', 'dumb')]) {
      expect(plain).toBe('  FAIL  m\n        -> n\n');
    }
  });

  it('never has a secret in it, whatever the platform says', async () => {
    const emulator = await platform({ clientSecret: 'another' });
    const escaped = CANARY.replace('c', '\\u0063');
    const message = `no client with ${CANARY} and ${SECRET}, ${escaped}, ${btoa(`emulator-client:${CANARY}`)}`;
    emulator.fault({ call: 'oauthToken', fault: 'status', status: 401, message, times: 'always' });
    const { out } = await command(['--emulator', emulator.url, '--issue']);
    expect(out).toMatch(/no client with ••• and •••, •••, •••/);
    expect(out).not.toMatch(/canary/);
  });
});

describe('time', () => {
  const hanging = (title: string): Check => [
    'G',
    title,
    title,
    ({ need }) => {
      need();
      return new Promise<never>(() => {});
    },
  ];
  const quick: Check = ['G', 'quick', 'Quick', () => pass('done')];

  const collect = async (checks: readonly Check[]) => {
    const flags = readFlags(['--timeout', '0.04']);
    const lines: Line[] = [];
    for await (const line of new Run(flags).lines(checks)) lines.push(line);
    return lines;
  };

  it('is up for a check that hangs, and the next one runs', async () => {
    const lines = await collect([hanging('Slow'), quick]);
    expect(lines.map(({ status }) => status)).toEqual(['fail', 'pass']);
    expect(lines[0]?.message).toBe('Slow: the host does not answer in time');
  });

  it('is up for all of them together', async () => {
    const lines = await collect([...Array(8).keys()].map((n) => hanging(`Slow ${n}`)));
    expect(lines.at(-1)).toMatchObject({ status: 'skip', message: 'Slow 7: not checked, as the time is up' });
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;
if (!openssl && process.env['CI']) throw new Error('openssl is not installed: these tests need it');
if (!openssl) console.warn('NOT TESTED: the doctor on certificates, as openssl is not installed');

describe.skipIf(!openssl)('TLS', () => {
  const certificate = () => {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert, '-days', '2', ...subject], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  };

  it('names a certificate that is not trusted, and https where there is none', async () => {
    const server = createServer(certificate(), (_, res) => res.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as { port: number };
    const emulator = await platform();
    const untrusted = await findingsOf(['--emulator', `https://127.0.0.1:${port}`]);
    expect(untrusted.findings.find(({ check }) => check === 'hosts')).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/does not trust/),
      fix: expect.stringMatching(/NODE_EXTRA_CA_CERTS/),
    });
    const plain = await findingsOf(['--emulator', emulator.url.replace('http:', 'https:')]);
    expect(plain.findings.find(({ check }) => check === 'hosts')?.message).toMatch(/does not speak TLS/);
  });
});
