// Serves the page and its bundle.
import { fileURLToPath } from 'node:url';
import { startOnLoopback } from '@genesys-guest/example-host';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const bundle = async () => {
  const options = { bundle: true, format: 'esm', jsx: 'automatic', write: false };
  const { outputFiles } = await build({ ...options, entryPoints: [here('app.jsx')] });
  return outputFiles[0].text;
};

export const startSite = (port) =>
  startOnLoopback(async (app) => {
    const script = await bundle();
    app.get('/app.js', (_req, res) => void res.type('js').send(script));
    app.get('/', (_req, res) => res.sendFile(here('page.html')));
  }, port);
