// What it costs a site's start to import this package, beside Express.
import { alternate, round, start } from './measure.js';

const ROUNDS = 15;

const importOf = (name) => async () => {
  const child = start('import-process.js', [name]);
  const took = await child.ready;
  child.stop();
  return took;
};

export const importing = async () => {
  const { ours, express } = await alternate(ROUNDS, {
    express: importOf('express'),
    ours: importOf('@genesys-guest/server'),
  });
  return [
    {
      name: "import('@genesys-guest/server'), against import('express')",
      figures: `ours ${round(ours, 0)} ms, Express ${round(express, 0)} ms`,
      ratio: round(ours / express),
      goal: 'at most 2.2',
    },
  ];
};
