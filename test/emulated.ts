// Options of a server whose Genesys Cloud is the emulator.
import type { Emulator } from '@genesys-guest/emulator';

export const emulated = ({ endpoints }: Pick<Emulator, 'endpoints'>) => ({
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  endpoints,
});
