// Carries the guest socket over HTTP: `/v1?deploymentId=…&application=…`.
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS } from '@genesys-guest/common';
import { WebSocketServer } from 'ws';
import type { Fault } from '../faults.ts';
import { isDeployment } from '../settings.ts';
import { connect } from './connection.ts';
import type { Guests } from './context.ts';

const PATH = '/v1';

/** Serves the guest socket on `server`; the function that it returns breaks every connection. */
export const serveGuestSocket = (server: Server, guests: Guests): (() => void) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.requestBytes });
  // The HTTP server lets go of a connection that was upgraded: nobody else would break it.
  const open = new Set<Duplex>();

  const accept = (req: IncomingMessage, socket: Duplex, head: Buffer, query: URLSearchParams) => {
    sockets.handleUpgrade(req, socket, head, (client) => {
      const receiver = connect(guests, {
        deploymentId: query.get('deploymentId') ?? '',
        application: query.get('application') ?? '',
        send: (text) => client.send(text),
        close: (code, reason) => client.close(code, reason),
        terminate: () => client.terminate(),
      });
      client.on('message', (data) => receiver.receive(String(data)));
      client.on('close', receiver.closed);
      // A broken frame closes the connection; that is all there is to know.
      client.on('error', () => undefined);
    });
  };

  const admit = (req: IncomingMessage, socket: Duplex, head: Buffer, query: URLSearchParams) => {
    if (isDeployment(guests.settings, query.get('deploymentId') ?? '')) accept(req, socket, head, query);
    else refuse(socket, 403);
  };

  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    const [pathname, query] = (req.url ?? '/').split('?', 2);
    const go = () => admit(req, socket, head, new URLSearchParams(query));
    if (pathname === PATH) {
      guests.stats.arrived('socket');
      const fault = guests.faults.take('socket');
      if (fault) suffer(fault, socket, go);
      else go();
    } else refuse(socket, 404);
  });

  return () => {
    for (const socket of open) socket.destroy();
    sockets.close();
  };
};

const refuse = (socket: Duplex, status: number) =>
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );

const suffer = ({ fault, status = 500, ms = 1000 }: Fault, socket: Duplex, go: () => void) => {
  if (fault === 'reset') socket.destroy();
  else if (fault === 'status') refuse(socket, status);
  else if (fault === 'delay') {
    const timer = setTimeout(go, ms);
    socket.on('close', () => clearTimeout(timer));
  }
};
