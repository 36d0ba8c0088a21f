// Sites over https, with a certificate of their own: for what browsers do with cookies there alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { Express } from 'express';
import { onTestFinished } from 'vitest';

/** Certificates are made by its command. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const selfSigned = () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const how = ['-nodes', '-days', '1', '-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...how], { stdio: 'ignore' });
  const read = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return read;
};

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
