// What the network alone does wrong: connections that end under a call, names and certificates that are not good.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSite, failureOf, startSite, WEBCHAT } from './site.ts';

const listen = async (server: Server & { closeAllConnections(): void }): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
};

const endpointsAt = (origin: string) => ({
  oauthToken: `${origin}/oauth/token`,
  guestTokens: `${origin}/api/v2/guest-tokens`,
  bootstrap: `${origin}/genesys.min.js`,
});

const bodyOf = async (req: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of req) body += chunk;
  return body;
};

describe('a connection that is kept alive', () => {
  it('is closed by the platform just when it is used again: the call is made on another', async () => {
    let hungUpOn = 0;
    const used = new WeakSet<object>();
    const platform: RequestListener = async (req, res) => {
      if (used.has(req.socket)) {
        hungUpOn += 1;
        req.socket.resetAndDestroy();
        return;
      }
      used.add(req.socket);
      const body = await bodyOf(req);
      res.setHeader('content-type', 'application/json');
      if (req.url === '/oauth/token') {
        res.end(JSON.stringify({ access_token: 'access', token_type: 'bearer', expires_in: 86_400 }));
        return;
      }
      res.end(JSON.stringify({ ...JSON.parse(body), webchatId: WEBCHAT, token: 'a guest token' }));
    };
    const port = await listen(createServer(platform));
    const { tokens } = createSite(endpointsAt(`http://127.0.0.1:${port}`));
    for (const externalId of ['anna', 'bert', 'cleo']) {
      expect((await tokens.onboard({ externalId })).guestToken).toBe('a guest token');
    }
    expect(hungUpOn).toBeGreaterThan(0);
    await tokens.close();
  });
});

describe('a name', () => {
  it('that nobody knows is unavailable, and the log says where to look', async () => {
    const { tokens, log } = createSite(endpointsAt('https://login.genesys.invalid'));
    const failure = await failureOf(tokens.onboard({ externalId: 'anna' }));
    expect(failure?.code).toBe('upstream_unavailable');
    const line = log.find(({ level, message }) => level === 'warn' && message.includes('OAuth'));
    expect(line?.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(line?.message).toMatch(/login\.genesys\.invalid:443 .*Check .*`region`, `endpoints`.*DNS/);
    await tokens.close();
  });
});

const selfSigned = () => {
  const folder = mkdtempSync(join(tmpdir(), 'self-signed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const how = ['-nodes', '-days', '1', '-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...how], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
};

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.runIf(hasOpenssl)('a certificate (needs the openssl command)', () => {
  it('that is self-signed is not trusted, and the log says what to do', async () => {
    let asked = 0;
    const server = createTlsServer(selfSigned(), (_req, res) => {
      asked += 1;
      res.end();
    });
    const { tokens, log } = createSite(endpointsAt(`https://127.0.0.1:${await listen(server)}`));
    const failure = await failureOf(tokens.onboard({ externalId: 'anna' }));
    expect(failure?.code).toBe('upstream_unavailable');
    const line = log.find(({ level, message }) => level === 'warn' && message.includes('OAuth'));
    expect(line?.message).toMatch(/self-signed.*NODE_EXTRA_CA_CERTS/);
    expect(asked).toBe(0);
    await tokens.close();
  });
});

describe('a call of which nobody knows what became of it', () => {
  it.each(['hang', 'cut', 'reset'] as const)('%s: the audit says so, and the call counts', async (fault) => {
    await using site = await startSite();
    const { emulator, tokens } = site;
    emulator.fault({ call: 'guestTokens', fault });
    await tokens.onboard({ externalId: 'anna' });
    const entry = tokens.auditLog().at(-1);
    expect(entry).toMatchObject({ action: 'ISSUED', externalId: 'anna' });
    expect(entry?.reason).toMatch(/may have made a token all the same/);
    // One for OAuth, one that failed, one that did not.
    expect(tokens.telemetry()).toMatchObject({ upstreamCalls: 3, callsLeft: 297 });
  });

  it('is told also where no other follows', async () => {
    await using site = await startSite();
    const { emulator, tokens } = site;
    emulator.fault({ call: 'guestTokens', fault: 'hang', times: 'always' });
    await failureOf(tokens.onboard({ externalId: 'anna' }));
    expect(tokens.auditLog().at(-1)).toMatchObject({ action: 'FAILED' });
    expect(tokens.auditLog().at(-1)?.reason).toMatch(/may have made a token all the same/);
  });

  it('is not one that never left', async () => {
    await using site = await startSite();
    site.emulator.fault({ call: 'oauthToken', fault: 'hang' });
    await site.tokens.onboard({ externalId: 'anna' });
    expect(site.tokens.auditLog().at(-1)?.reason).toBeUndefined();
  });
});
