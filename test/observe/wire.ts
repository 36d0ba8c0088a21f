// Stands between the site and the platform and notes every token that passes, whatever else the platform does.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export interface Wire {
  readonly port: number;
  readonly accessTokens: ReadonlySet<string>;
  readonly guestTokens: ReadonlySet<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const startWire = async (platformPort: number): Promise<Wire> => {
  const accessTokens = new Set<string>();
  const guestTokens = new Set<string>();
  const server = createServer((site) => {
    const platform = connect(platformPort, '127.0.0.1');
    let said = '';
    platform.on('data', (chunk) => {
      said = (said + chunk.toString('latin1')).slice(-100_000);
      for (const [, token] of said.matchAll(/"access_token"\s*:\s*"([^"]+)"/g))
        accessTokens.add(token as string);
      for (const [, token] of said.matchAll(/"token"\s*:\s*"([^"]+)"/g)) guestTokens.add(token as string);
    });
    site.pipe(platform);
    platform.pipe(site);
    for (const [one, other] of [
      [site, platform],
      [platform, site],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    accessTokens,
    guestTokens,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
};
