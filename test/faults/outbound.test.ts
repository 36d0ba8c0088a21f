// The way out: through a proxy, with a client certificate, to a private authority.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { Agent, ProxyAgent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasOpenssl, selfSigned } from '../certificate.ts';
import { answerWell, endpointsAt, listen } from './local-platform.ts';
import { createSite, failureOf } from './site.ts';

const anna = { externalId: 'anna' };

/** A proxy that leads every tunnel to one port, whatever host is asked for. */
const startProxy = async (port: number, status = 200) => {
  const asked: string[] = [];
  const server = createServer((_req, res) => void res.writeHead(400).end());
  server.on('connect', (req, socket) => {
    asked.push(req.url ?? '');
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} no\r\n\r\n`);
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 ok\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    for (const end of [socket, target])
      end.on('error', () => [socket, target].map((other) => other.destroy()));
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('HTTP_PROXY', () => {
  it('is heeded', async () => {
    const proxy = await startProxy(await listen(createServer(answerWell)));
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const { tokens } = createSite(endpointsAt('http://login.genesys.invalid'));
    expect((await tokens.onboard(anna)).guestToken).toBe('a guest token');
    expect(new Set(proxy.asked)).toEqual(new Set(['login.genesys.invalid:80']));
    await tokens.close();
  });

  it('is not where NO_PROXY names the host', async () => {
    const port = await listen(createServer(answerWell));
    const proxy = await startProxy(port);
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('NO_PROXY', '127.0.0.1,other.example');
    const { tokens } = createSite(endpointsAt(`http://127.0.0.1:${port}`));
    expect((await tokens.onboard(anna)).guestToken).toBe('a guest token');
    expect(proxy.asked).toEqual([]);
    await tokens.close();
  });

  it('that refuses is named in the log', async () => {
    const proxy = await startProxy(9, 403);
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const { tokens, log } = createSite(endpointsAt('http://login.genesys.invalid'));
    expect((await failureOf(tokens.onboard(anna)))?.code).toBe('upstream_unavailable');
    const line = log.find(({ message }) => message.startsWith('The OAuth call'));
    expect(line?.message).toMatch(/login\.genesys\.invalid:80 .*the proxy refuses.*Check HTTPS_PROXY/);
    await tokens.close();
  });
});

describe.runIf(hasOpenssl('upstream.dispatcher'))('upstream.dispatcher', () => {
  const startTlsPlatform = async () => {
    const [server, client] = [selfSigned(), selfSigned('our-site')];
    const options = { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true };
    const port = await listen(createTlsServer(options, answerWell));
    return { port, client, ca: server.cert };
  };

  it('shows a client certificate to a platform with an authority of its own', async () => {
    const { port, client, ca } = await startTlsPlatform();
    const dispatcher = new Agent({ connect: { ...client, ca } });
    const endpoints = endpointsAt(`https://localhost:${port}`);
    const { tokens } = createSite(endpoints, { upstream: { dispatcher } });
    expect((await tokens.onboard(anna)).guestToken).toBe('a guest token');
    await tokens.close();
    // It is the site's: closing our tokens leaves it open.
    expect(dispatcher.closed).toBe(false);
    await dispatcher.close();
  });

  it('without the certificate that is asked for, the log says how to give one', async () => {
    const { port, ca } = await startTlsPlatform();
    const dispatcher = new Agent({ connect: { ca } });
    const { tokens, log } = createSite(endpointsAt(`https://localhost:${port}`), {
      upstream: { dispatcher, timeout: 500, deadline: 1_000 },
    });
    expect((await failureOf(tokens.onboard(anna)))?.code).toBe('upstream_unavailable');
    expect(log.find(({ level }) => level === 'warn')?.message).toMatch(
      /client certificate.*upstream\.dispatcher/,
    );
    await tokens.close();
    await dispatcher.close();
  });

  it('goes through a proxy, with TLS to the platform itself', async () => {
    const { port, client, ca } = await startTlsPlatform();
    const proxy = await startProxy(port);
    const dispatcher = new ProxyAgent({ uri: proxy.url, requestTls: { ...client, ca } });
    const { tokens } = createSite(endpointsAt('https://localhost:9443'), { upstream: { dispatcher } });
    expect((await tokens.onboard(anna)).guestToken).toBe('a guest token');
    expect(new Set(proxy.asked)).toEqual(new Set(['localhost:9443']));
    await tokens.close();
    await dispatcher.close();
  });

  it('ends what is under way when the tokens are closed', async () => {
    const port = await listen(createServer(() => {}));
    const dispatcher = new Agent();
    const { tokens } = createSite(endpointsAt(`http://127.0.0.1:${port}`), {
      upstream: { dispatcher, timeout: 2_000, deadline: 2_500 },
    });
    const failed = failureOf(tokens.onboard(anna));
    await tokens.close();
    expect((await failed)?.code).toBe('upstream_unavailable');
    await dispatcher.close();
  });
});

describe('a log line about the network', () => {
  it('names the host and port at which nobody listens', async () => {
    const { tokens, log } = createSite(endpointsAt('http://127.0.0.1:9'));
    await failureOf(tokens.onboard(anna));
    const line = log.find(({ level }) => level === 'warn');
    expect(line?.message).toMatch(
      /127\.0\.0\.1:9 refuses connections: nobody listens on this port \(ECONNREFUSED\)/,
    );
    await tokens.close();
  });

  it('says that a port does not speak TLS', async () => {
    const port = await listen(createServer(answerWell));
    const { tokens, log } = createSite(endpointsAt(`https://127.0.0.1:${port}`));
    await failureOf(tokens.onboard(anna));
    const line = log.find(({ level }) => level === 'warn');
    expect(line?.message).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} does not speak TLS on this port`));
    await tokens.close();
  });
});

it('a log line about a refused client names quotation marks around its secret', async () => {
  const port = await listen(createServer((_req, res) => void res.writeHead(401).end()));
  const { tokens, log } = createSite(endpointsAt(`http://127.0.0.1:${port}`), { clientSecret: '"quoted"' });
  await failureOf(tokens.onboard(anna));
  expect(log.find(({ level }) => level === 'error')?.message).toMatch(
    /HTTP 401\. Quotation marks stand around/,
  );
  expect(JSON.stringify(log)).not.toContain('quoted"');
  await tokens.close();
});
