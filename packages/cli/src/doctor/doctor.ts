// `genesys-guest doctor`: reads the flags, runs the checks, writes what they found, and says how it ends.
import { command, type ExitStatus, type Output } from '../command.ts';
import { bootstrap, deployment } from './deployment-check.ts';
import { HELP, readFlags } from './flags.ts';
import { hosts } from './hosts-check.ts';
import { members } from './members-check.ts';
import { bootScript, mount, origins, proxy } from './mount-check.ts';
import { options } from './options-check.ts';
import { page } from './page-check.ts';
import { clock, guestToken, oauth } from './platform-check.ts';
import { redactor } from './redact.ts';
import { redis } from './redis-check.ts';
import { hasColours, renderJson, renderLine, renderSummary, renderTitle } from './render.ts';
import { renderReport } from './report.ts';
import { type Check, type Line, Run } from './runner.ts';
import { caching, cookies, mountToken } from './visitors-check.ts';

const HANDLER = 'Mounted handler';

/** In the order in which a person would look. */
const CHECKS: readonly Check[] = [
  ['Options', 'options', 'The options', options],
  ['Network', 'hosts', 'The hosts', hosts],
  ['Genesys Cloud', 'clock', 'The clock', clock],
  ['Genesys Cloud', 'oauth', 'The OAuth client', oauth],
  ['Genesys Cloud', 'guest-token', 'Guest tokens', guestToken],
  ['Deployment', 'deployment', 'The deployment', deployment],
  ['Deployment', 'bootstrap', "Messenger's script", bootstrap],
  ['Redis', 'redis', 'Redis', redis],
  [HANDLER, 'mount', 'The mounted handler', mount],
  [HANDLER, 'origins', 'Who may call', origins],
  [HANDLER, 'cookies', 'The visitor cookie', cookies],
  [HANDLER, 'caching', 'Caching and instances', caching],
  [HANDLER, 'mount-token', 'A token from the mounted handler', mountToken],
  [HANDLER, 'boot-script', '/boot.js', bootScript],
  [HANDLER, 'proxy', 'The proxy', proxy],
  ['Signed-in members', 'members', 'Signed-in members', members],
  ['Page', 'page', 'The page', page],
];

/**
 * Runs the command. It reads `process.env`, and adds what an .env file has.
 * @param args what stands after `genesys-guest doctor`
 * @param version of this package, for the JSON documents
 */
export const doctor = (args: readonly string[], version: string, output?: Output): Promise<ExitStatus> =>
  command('doctor', HELP, readFlags, async (flags, { out }) => {
    const { format } = flags;
    const colours = hasColours(out);
    const run = new Run(flags);
    const lines: Line[] = [];
    for await (const line of run.lines(CHECKS)) {
      if (format === 'text') {
        if (line.group !== lines.at(-1)?.group) out.write(renderTitle(line.group, colours));
        out.write(renderLine(line, colours));
      }
      lines.push(line);
    }
    if (format === 'text') out.write(renderSummary(lines, colours));
    else if (format === 'json') out.write(renderJson(lines, version));
    else out.write(redactor(run.facts)(renderReport(run, lines, version)));
    return lines.some(({ status }) => status === 'fail') ? 1 : 0;
  })(args, output);
