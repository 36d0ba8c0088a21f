// Side by side: alternating runs of variants in processes of their own, and the medians of what they measured.
import { fork } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Runs each variant `rounds` times, in turn, so that a noisy neighbour hits all of them alike. */
export const alternate = async (rounds, variants) => {
  const results = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(variants)) results[name].push(await run());
  }
  return Object.fromEntries(Object.entries(results).map(([name, figures]) => [name, median(figures)]));
};

/** Starts a script of this folder; `ask` sends it a message and waits for the answer. */
export const start = (script, args = [], execArgv = []) => {
  const child = fork(new URL(script, import.meta.url), args, {
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise((_resolve, reject) => {
    child.once('exit', (code) => code && reject(new Error(`${script} ended with ${code}`)));
  });
  ended.catch(() => {});
  const answer = () => Promise.race([ended, new Promise((resolve) => child.once('message', resolve))]);
  const ready = answer();
  return {
    ready,
    ask: (message) => {
      const answered = answer();
      child.send(message);
      return answered;
    },
    stop: () => child.kill(),
  };
};

export const machine = () =>
  `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;

export const round = (number, digits = 2) => Number(number.toFixed(digits));
