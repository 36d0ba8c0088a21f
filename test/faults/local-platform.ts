// A platform on loopback that answers well, over http or https.
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { onTestFinished } from 'vitest';
import { WEBCHAT } from './site.ts';

/** Resolves with the port; the server ends with the test. */
export const listen = async (server: Server & { closeAllConnections?(): void }): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
};

export const endpointsAt = (origin: string) => ({
  oauthToken: `${origin}/oauth/token`,
  guestTokens: `${origin}/api/v2/guest-tokens`,
  bootstrap: `${origin}/genesys.min.js`,
});

export const bodyOf = async (req: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of req) body += chunk;
  return body;
};

/** An access token, or `a guest token` for whoever it is. */
export const answerWell: RequestListener = async (req, res) => {
  const body = await bodyOf(req);
  res.setHeader('content-type', 'application/json');
  if (req.url === '/oauth/token') {
    res.end(JSON.stringify({ access_token: 'access', token_type: 'bearer', expires_in: 86_400 }));
    return;
  }
  res.end(JSON.stringify({ ...JSON.parse(body), webchatId: WEBCHAT, token: 'a guest token' }));
};
