// Each alert of the example leads to a section of the runbook, and each section says the four things that are asked at night.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const PARTS = ['Means.', 'Visitors notice.', 'Do.', 'It helped when'];

it('has a section for each alert, and no other', async () => {
  const rules = await read('examples/observability/alerts.yaml');
  const alerts = [...rules.matchAll(/- alert: (\w+)[\s\S]*?runbook: docs\/runbook\.md#(\w+)\n/g)];
  const sections = (await read('docs/runbook.md')).split('\n## ').slice(1);
  expect(alerts).toHaveLength(rules.match(/- alert:/g)?.length ?? 0);
  expect(sections.map((text) => text.split('\n')[0])).toEqual(alerts.map(([, name]) => name));
  expect(alerts.map(([, name]) => name?.toLowerCase())).toEqual(alerts.map(([, , anchor]) => anchor));
  for (const text of sections) {
    for (const part of PARTS) expect(text).toContain(`**${part}`);
  }
});
