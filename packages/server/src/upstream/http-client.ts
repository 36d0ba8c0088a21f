// One HTTP exchange with the platform: a pool per origin, a limit on the time as a whole and on the answer's size.
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

export interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** No answer, or none to be read. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  /** `held`: it may not leave now, and has not. */
  readonly kind: 'timeout' | 'network' | 'too_large' | 'held';
  /** The request had left: whatever it asked for may have been done. */
  readonly sent: boolean;
  /** The network's name for what went wrong. */
  readonly code: string | undefined;

  constructor(kind: ExchangeError['kind'], message: string, sent: boolean, code?: string) {
    super(message);
    this.kind = kind;
    this.sent = sent;
    this.code = code;
  }
}

export interface Exchange {
  /**
   * Posts; redirects are not followed.
   * @param timeout milliseconds from the start to the last byte: a platform that drips is as late as one that hangs
   * @param mayLeave asked at the last moment, when there is a connection to write to
   * @throws ExchangeError
   */
  post(request: Request, timeout: number, mayLeave?: () => boolean): Promise<Answer>;
  close(): Promise<void>;
}

/** Bytes of an answer: a token with 20 attributes of the longest kind is under 64 kB. */
const MAX_ANSWER_BYTES = 256 * 1024;

interface Target {
  readonly pool: Pool;
  readonly path: string;
}

/** @param connections to each origin, at most */
export const createExchange = (connections: number): Exchange => {
  const pools = new Map<string, Pool>();
  const targets = new Map<string, Target>();
  let closed = false;
  const poolOf = (origin: string): Pool => {
    let pool = pools.get(origin);
    if (!pool) {
      pool = new Pool(origin, {
        connections,
        pipelining: 1,
        // The exchange has one timer of its own; undici's would only measure the gaps.
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: 10_000,
      });
      pools.set(origin, pool);
    }
    return pool;
  };

  const targetOf = (url: string): Target => {
    let target = targets.get(url);
    if (!target) {
      const { origin, pathname, search } = new URL(url);
      target = { pool: poolOf(origin), path: pathname + search };
      targets.set(url, target);
    }
    return target;
  };

  return {
    post: ({ url, headers, body }, timeout, mayLeave) => {
      if (closed) return Promise.reject(new ExchangeError('network', 'the connections are closed', false));
      const { pool, path } = targetOf(url);
      return new Promise((resolve, reject) => {
        pool.dispatch({ method: 'POST', path, headers, body }, collect(timeout, mayLeave, resolve, reject));
      });
    },
    close: async () => {
      closed = true;
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
};

/** undici's leanest interface: no stream, no signal, one timer. It is what keeps a token's cost near a bare call's. */
const collect = (
  timeout: number,
  mayLeave: (() => boolean) | undefined,
  resolve: (answer: Answer) => void,
  reject: (error: ExchangeError) => void,
): Dispatcher.DispatchHandler => {
  let controller: Dispatcher.DispatchController | undefined;
  let failure: ExchangeError | undefined;
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  let size = 0;
  const chunks: Buffer[] = [];

  const fail = (error: ExchangeError): void => {
    if (failure) return;
    failure = error;
    clearTimeout(timer);
    reject(error);
    controller?.abort(error);
  };
  const timer = setTimeout(() => {
    fail(
      new ExchangeError(
        'timeout',
        `no complete answer within ${Math.round(timeout)} ms`,
        controller !== undefined,
      ),
    );
  }, timeout);

  return {
    onRequestStart: (started) => {
      // Timed out while it waited for a connection: it may not leave any more. To throw here keeps the connection.
      if (failure) throw failure;
      if (mayLeave && !mayLeave()) throw new ExchangeError('held', 'it may not leave now', false);
      controller = started;
    },
    onResponseStart: (_controller, statusCode, received) => {
      status = statusCode;
      headers = received;
    },
    onResponseData: (_controller, chunk) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) {
        fail(new ExchangeError('too_large', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`, true));
      } else {
        chunks.push(chunk);
      }
    },
    onResponseEnd: () => {
      clearTimeout(timer);
      resolve({ status, headers, text: textOf(chunks) });
    },
    onResponseError: (_controller, error) => {
      if (error instanceof ExchangeError) return fail(error);
      const { code, words } = networkReason(error);
      fail(new ExchangeError('network', words, controller !== undefined, code));
    },
  };
};

const textOf = (chunks: readonly Buffer[]): string =>
  chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks).toString('utf8');

/** What went wrong, in the network's words: an error's own message might quote what was sent. */
const networkReason = (error: Error): { code: string | undefined; words: string } => {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string') return { code: undefined, words: error.name };
  const plain = PLAIN_WORDS[code];
  return { code, words: plain ? `${plain} (${code})` : code };
};

const PLAIN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host could not be looked up',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_SOCKET: 'the connection ended before the answer did',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is from an unknown authority',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
};
