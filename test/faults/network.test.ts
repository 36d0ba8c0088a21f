// What the network alone does wrong: connections that end under a call, names and certificates that are not good.
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { describe, expect, it } from 'vitest';
import { hasOpenssl, selfSigned } from '../certificate.ts';
import { answerWell, endpointsAt, listen } from './local-platform.ts';
import { createSite, failureOf, startSite } from './site.ts';

describe('a connection that is kept alive', () => {
  it('is closed by the platform just when it is used again: the call is made on another', async () => {
    let hungUpOn = 0;
    const used = new WeakSet<object>();
    const platform: RequestListener = (req, res) => {
      if (used.has(req.socket)) {
        hungUpOn += 1;
        req.socket.resetAndDestroy();
        return;
      }
      used.add(req.socket);
      answerWell(req, res);
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
    const { tokens, log } = createSite(endpointsAt('https://login.genesys.invalid'), {
      // A DNS server may take its time.
      upstream: { timeout: 3_500, deadline: 4_000 },
    });
    const failure = await failureOf(tokens.onboard({ externalId: 'anna' }));
    expect(failure?.code).toBe('upstream_unavailable');
    const line = log.find(({ level, message }) => level === 'warn' && message.includes('OAuth'));
    expect(line?.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(line?.message).toMatch(/login\.genesys\.invalid:443 .*DNS.* Check /);
    await tokens.close();
  });
});

describe.runIf(hasOpenssl('errors about certificates'))('a certificate', () => {
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
    expect(entry?.reason).toMatch(/may have issued a token all the same/);
    // One for OAuth, one that failed, one that did not.
    expect(tokens.telemetry()).toMatchObject({ upstreamCalls: 3, callsLeft: 297 });
  });

  it('is told also where no other follows', async () => {
    await using site = await startSite();
    const { emulator, tokens } = site;
    emulator.fault({ call: 'guestTokens', fault: 'hang', times: 'always' });
    await failureOf(tokens.onboard({ externalId: 'anna' }));
    expect(tokens.auditLog().at(-1)).toMatchObject({ action: 'FAILED' });
    expect(tokens.auditLog().at(-1)?.reason).toMatch(/may have issued a token all the same/);
  });

  it('is not one that never left', async () => {
    await using site = await startSite();
    site.emulator.fault({ call: 'oauthToken', fault: 'hang' });
    await site.tokens.onboard({ externalId: 'anna' });
    expect(site.tokens.auditLog().at(-1)?.reason).toBeUndefined();
  });
});
