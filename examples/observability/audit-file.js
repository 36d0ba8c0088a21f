// The audit log as JSON lines in a file, by pino's own destination: it gathers lines, writes them in the background, goes
// on in a new file after a rotation, and keeps what a full disk does not take until there is room again.
import pino from 'pino';

/** Characters that may wait while the disk is full, about 30,000 entries; above it new lines are dropped. */
const MOST_WAITING = 10_000_000;

/** @param say hears of trouble */
export const auditFile = (path, say = console.error) => {
  const file = pino.destination({
    dest: path,
    sync: false,
    mkdir: true,
    mode: 0o600,
    // Lines leave together, and at least once a second: then a disk that was full is tried again, too.
    minLength: 4_096,
    periodicFlush: 1_000,
    maxLength: MOST_WAITING,
  });
  let dropped = 0;
  file.on('error', ({ code }) => say(`The audit log cannot be written (${code}): its lines wait`));
  file.on('drop', () => {
    dropped += 1;
    if (dropped === 1) say('The audit log has no room for more lines: new ones are dropped');
  });
  return {
    sink: (entry) => file.write(`${JSON.stringify(entry)}\n`),
    /** For `postrotate` of logrotate: the next line goes into a new file. */
    reopen: () => file.reopen(),
    /** Writes what waits, or gives it up where the disk takes nothing. */
    close: () =>
      new Promise((resolve) => {
        file.once('close', resolve);
        file.once('error', () => file.destroy());
        file.end();
      }),
  };
};
