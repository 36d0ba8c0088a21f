// The examples, started by the tests. They are plain JavaScript: what the tests use of them is written down here.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Emulator, startEmulator } from '@genesys-guest/emulator';
import type { GenesysGuest, GenesysGuestOptions } from '@genesys-guest/server';
import { emulated } from '../emulated.ts';

export interface Demo {
  readonly url: string;
  readonly emulator: Emulator;
  readonly guest: GenesysGuest;
  close(): Promise<void>;
}

export interface DemoOptions {
  /** Seconds. */
  readonly tokenLifetime?: number;
  readonly guest?: GenesysGuestOptions;
}

const example = (path: string) => import(new URL(`../../examples/${path}`, import.meta.url).href);

export const startQuickstart = async (options: DemoOptions = {}): Promise<Demo> => {
  const { startDemo } = await example('quickstart/run-demo.js');
  return startDemo(options);
};

export const startExistingSite = async (): Promise<Demo> => {
  const { createApp } = await example('existing-site/app.js');
  const emulator = await startEmulator();
  const { app, guest } = createApp({
    ...emulated(emulator),
    webchatId: 'deployment',
    secrets: ['a secret of this test, 32 characters'],
  });
  const server: Server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    emulator,
    guest,
    async close() {
      server.close();
      server.closeAllConnections();
      await guest.close();
      await emulator.close();
    },
  };
};
