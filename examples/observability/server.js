// A site whose operator sees everything: metrics for Prometheus, the audit log as JSON lines in a file, events posted.
import './telemetry.js';
import { startEmulator } from '@genesys-guest/emulator';
import { genesysGuest } from '@genesys-guest/server';
import express from 'express';
import { auditFile } from './audit-file.js';

const { AUDIT_FILE = 'audit.log', EVENTS_URL, EVENTS_SECRET, HEALTH_SECRET, PORT = '3000' } = process.env;
const audit = auditFile(AUDIT_FILE);
process.on('SIGHUP', audit.reopen);
const emulator = await startEmulator();
const guest = genesysGuest({
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  webchatId: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
  endpoints: emulator.endpoints,
  logger: console,
  // For probes and people: curl -H "authorization: bearer $HEALTH_SECRET" localhost:3000/chat/health
  health: HEALTH_SECRET && { secret: HEALTH_SECRET },
  audit: { key: process.env.AUDIT_KEY, sink: audit.sink },
  events: EVENTS_URL && { url: EVENTS_URL, secret: EVENTS_SECRET },
});

const app = express();
app.use('/chat', guest);
const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`site: http://127.0.0.1:${PORT}`));

process.once('SIGTERM', async () => {
  server.close();
  await guest.close({ timeout: 5_000 });
  await audit.close();
  await emulator.close();
  process.exit(0);
});
