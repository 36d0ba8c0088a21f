// Writes docs/reference: TypeDoc's pages, and tables of everything that the source says. Whatever lacks words fails the build.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { logPage } from './log.js';
import { browserPage, optionsPage } from './options.js';
import { codesPage, eventsPage, telemetryPage } from './pages.js';
import { pagePicture, soakPicture } from './pictures.js';
import { readTypes, readValues } from './source.js';
import { cookiePage, redisPage } from './stored.js';

const OUT = new URL('../reference/', import.meta.url);
const TEST = new URL('../../test/', import.meta.url);

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const [source, values] = await Promise.all([readTypes(), readValues()]);
const { app, project } = source;
app.validate(project);
await app.generateOutputs(project);
// TypeDoc's anchors are made for names: the page's own heading keeps out of their way.
for (const name of await readdir(new URL('api/', OUT))) {
  const file = new URL(`api/${name}`, OUT);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^# (.+)$/m, '# Types of $1 {#page}'));
}
const pages = {
  options: optionsPage(source, values),
  browser: browserPage(source),
  codes: codesPage(source, values),
  events: eventsPage(source, values),
  log: logPage(source, values),
  telemetry: telemetryPage(source, values),
  'redis-keys': redisPage(source),
  cookie: cookiePage(values),
};
for (const [name, text] of Object.entries(pages)) await writeFile(new URL(`${name}.md`, OUT), text);
// What docs/measured.md shows.
const kept = (path) => readFile(new URL(path, TEST), 'utf8');
await writeFile(new URL('page.txt', OUT), pagePicture(await kept('bench/RESULTS.md')));
await writeFile(
  new URL('soak.txt', OUT),
  soakPicture(JSON.parse(await kept('soak/soak.json')), await kept('soak/soak.svg')),
);
// Every name that is public has words, and every link in them leads somewhere.
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
