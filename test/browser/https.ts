// Sites over https, with a certificate of their own: for what browsers do with cookies there alone.
import { once } from 'node:events';
import { type AddressInfo, connect, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Express } from 'express';
import { onTestFinished } from 'vitest';
import { selfSigned } from '../certificate.ts';

/** Listens for as long as the test lasts, and answers the port. */
const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** The port of https in front of a port of http. */
export const tls = (port: number): Promise<number> =>
  listen(
    createTlsServer(selfSigned(), (secure) => {
      const plain = connect(port, '127.0.0.1');
      for (const [one, other] of [
        [secure, plain],
        [plain, secure],
      ] as const) {
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
        one.pipe(other);
      }
    }),
  );

/** The port of an app, for as long as the test lasts. */
export const serve = async (app: Express): Promise<number> => {
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
