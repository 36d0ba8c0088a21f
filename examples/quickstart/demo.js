// The demo: `pnpm demo` starts the site and a Genesys Cloud on this machine; Ctrl-C stops both.
import { startDemo } from './run-demo.js';

const demo = await startDemo({ port: Number(process.env.PORT ?? 3000), emulatorPort: 4010 });

console.log(`
  Open       ${demo.url}
  Emulator   ${demo.emulator.url}

  Tokens live a minute here, so that you can watch them being renewed. Ctrl-C stops both.
`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await demo.close();
    console.log('  Stopped.');
  });
}
