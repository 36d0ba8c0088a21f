#!/usr/bin/env node
// Runs the example in the current folder: `npm start`, and Ctrl-C stops it.
import { pathToFileURL } from 'node:url';

const { startSite } = await import(pathToFileURL('site.js').href);
const site = await startSite(Number(process.env.PORT ?? 3000));
console.log(`${site.url} (Ctrl-C stops)`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, site.close);
