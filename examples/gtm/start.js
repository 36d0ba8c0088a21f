// Runs the example with a Genesys Cloud on this machine: `node start.js`, and Ctrl-C stops it.
import { startSite } from './site.js';

const site = await startSite(Number(process.env.PORT ?? 3000));
console.log(`${site.url} (Ctrl-C stops)`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, site.close);
