// Posts to the platform and reads its answer, with a limit on the time as a whole and on the answer's size.
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

export interface HttpRequest {
  readonly url: string;
  /** undici's proxy agent adds to them. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** No answer, or none to be read. `cause` is what the network says, and may quote what was sent. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly kind: 'timeout' | 'network' | 'too_large';
  /** The request had left: whatever it asked for may have been done. */
  readonly sent: boolean;

  constructor(kind: HttpError['kind'], message: string, sent: boolean, cause?: Error) {
    super(message, { cause });
    this.kind = kind;
    this.sent = sent;
  }
}

/** Bytes of an answer: a token with 20 attributes of the longest kind is under 64 kB. */
const MAX_ANSWER_BYTES = 256 * 1024;

const CLOSED = Object.assign(new Error('closed'), { code: 'UND_ERR_CLOSED' });

/** Ends a call that has had no answer. */
type Fail = (kind: HttpError['kind'], message: string, cause?: Error) => void;

/** Where none is set there is no proxy to look for at each call: that costs a tenth of an issue. */
const PROXIES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'];

/**
 * @param connections to each origin, at most
 * @param own the site's dispatcher: a proxy, a client certificate, a private authority. Never closed here
 */
export const createHttpClient = (connections: number, own?: Pick<Dispatcher, 'dispatch'>) => {
  // No Set: where it outlives its members, V8 keeps those that have gone until a full collection.
  const underWay: Fail[] = [];
  /** By URL: the two endpoints. */
  const targets = new Map<string, Pick<URL, 'origin' | 'pathname' | 'search'>>();
  let agent: Dispatcher | undefined;
  let closed = false;

  const load = async (): Promise<void> => {
    // Each call has one timer of its own; undici's would only measure the gaps.
    const timing = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 10_000 };
    const options = { connections, pipelining: 1, ...timing };
    // The dispatcher alone: the whole of undici takes twice as long to load, and under Bun it is a stub without dispatch().
    if (PROXIES.some((name) => process.env[name])) {
      const { default: EnvHttpProxyAgent } = await import('undici/lib/dispatcher/env-http-proxy-agent.js');
      // Read once: undici would read the environment at each call.
      const noProxy = process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '';
      agent = new EnvHttpProxyAgent({ ...options, noProxy });
    } else {
      const { default: Agent } = await import('undici/lib/dispatcher/agent.js');
      agent = new Agent(options);
    }
  };

  // Loading undici is a third of this package's import time, so the site does not wait for it at start.
  const loading = own
    ? undefined
    : load().catch((cause: Error) => {
        throw new HttpError('network', 'undici cannot be loaded', false, cause);
      });
  loading?.catch(() => {});

  return {
    /**
     * Redirects are not followed.
     * @param timeout milliseconds from the start to the last byte: a platform that drips is as late as one that hangs
     * @param beforeLeaving called at the last moment, when there is a connection to write to; if it throws, nothing leaves
     * @throws HttpError, or what `beforeLeaving` throws
     */
    post: async (
      { url, headers, body }: HttpRequest,
      timeout: number,
      beforeLeaving?: () => void,
    ): Promise<HttpAnswer> => {
      if (!own && !agent) await loading;
      const dispatcher = own ?? agent;
      const target = targets.get(url) ?? new URL(url);
      targets.set(url, target);
      const { origin, pathname, search } = target;
      const call = { origin, path: pathname + search, method: 'POST', headers, body } as const;
      // Awaited, as a promise that is returned costs two more turns.
      return await new Promise((resolve, reject) => {
        const { handler, fail } = readAnswer(timeout, beforeLeaving, (error, answer) => {
          const at = underWay.indexOf(fail);
          // A dispatcher of the site's own may end a call twice.
          if (at < 0) return;
          underWay.splice(at, 1);
          if (answer) resolve(answer);
          else reject(error);
        });
        underWay.push(fail);
        try {
          if (closed) fail('network', 'the connections are closed', CLOSED);
          else dispatcher?.dispatch(call, handler);
        } catch (error) {
          fail('network', 'the dispatcher threw', error as Error);
        }
      });
    },
    /** Whatever is under way fails. */
    close: async (): Promise<void> => {
      closed = true;
      await loading?.catch(() => {});
      for (const fail of [...underWay]) fail('network', 'the connections are closed', CLOSED);
      await agent?.destroy();
    },
  };
};

/** undici's leanest interface: no stream, no signal, one timer. It is what keeps a token's cost near a bare call's. */
const readAnswer = (
  timeout: number,
  beforeLeaving: (() => void) | undefined,
  done: (error: unknown, answer?: HttpAnswer) => void,
): { handler: Dispatcher.DispatchHandler; fail: Fail } => {
  let controller: Dispatcher.DispatchController | undefined;
  let failure: unknown;
  let head: Omit<HttpAnswer, 'text'>;
  let size = 0;
  const chunks: Buffer[] = [];
  const end = (error: unknown): void => {
    if (failure) return;
    failure = error;
    clearTimeout(timer);
    done(error);
    controller?.abort(error as Error);
  };
  const fail: Fail = (kind, message, cause) =>
    end(new HttpError(kind, message, controller !== undefined, cause));
  const late = () => fail('timeout', `gave no complete answer within ${Math.round(timeout)} ms`);
  const timer = setTimeout(late, timeout);
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (started) => {
      // Timed out while it waited for a connection: it may not leave any more. To throw here keeps the connection.
      if (failure) throw failure;
      try {
        beforeLeaving?.();
      } catch (error) {
        end(error);
        throw error;
      }
      controller = started;
    },
    onResponseStart: (_, status, headers) => {
      head = { status, headers };
    },
    onResponseData: (_, chunk) => {
      size += chunk.length;
      if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
      else fail('too_large', `answers with more than ${MAX_ANSWER_BYTES} bytes`);
    },
    onResponseEnd: () => {
      clearTimeout(timer);
      done(undefined, { ...head, text: Buffer.concat(chunks).toString() });
    },
    onResponseError: (_, error) => fail('network', 'the network failed', error),
  };
  return { handler, fail };
};
