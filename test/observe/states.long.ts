// What an operator sees of each state, caused for real: health, the log's first line, a metric, the alerts, the doctor.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithRedis } from '../../packages/server/src/testing/redis.ts';
import { hasCommand } from '../command.ts';
import { expectAlerts, firstFinding, startOperated } from './operator.ts';
import { STATES } from './states.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** A row of the table that the run ends with. */
    operatorSees?: string[];
  }
}

const hasPromtool = hasCommand('promtool', '--version', 'what an operator sees of each state');

const short = (text: string): string => text.replace(/127\.0\.0\.1:\d+/g, '<host>').slice(0, 140);

describeWithRedis('an operator sees', () => {
  it.runIf(hasPromtool).for(STATES)('$state', async (expected, { task }) => {
    const { emulator, options, happens, doctor } = await expected.scene();
    const site = startOperated(emulator, options);
    await site.visit('198.51.100.1');
    await happens?.(site);
    const health = () => {
      const [oldest] = site.guest.health().failing;
      return oldest ? `${oldest.what}: ${oldest.reason}` : 'nothing fails';
    };
    await expect.poll(health, { timeout: 10_000 }).toMatch(expected.health ?? /^nothing fails$/);
    await expect.poll(() => site.lines[0] ?? '—').toMatch(expected.log ?? /^—$/);
    const scraped = await site.scrape();
    const [series = ''] = scraped.split('\n').filter((line) => expected.metric.test(line));
    expect(series).not.toBe('');
    const dir = await mkdtemp(join(tmpdir(), 'genesys-guest-alerts-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    await expectAlerts(scraped, expected.alerts, join(dir, 'state.json'));
    const args = ['--emulator', emulator.url, ...(doctor?.args ?? [])];
    const finding = await firstFinding(args, doctor?.env ?? {});
    expect(finding).toMatch(expected.doctor ?? /^nothing$/);
    const [metric = ''] = /^\w+/.exec(series) ?? [];
    const kind = /(?:error_type|outcome)="(\w+)"/.exec(series)?.[1];
    task.meta.operatorSees = [
      expected.state,
      short(health()),
      short(site.lines[0] ?? '—'),
      `${metric}${kind ? ` ${kind}` : ''} ${series.split(' ').at(-1)}`,
      expected.alerts.join(', ') || '—',
      short(finding),
    ];
  });
});
