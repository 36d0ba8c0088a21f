// A receiver of events as a site would run one: it verifies each batch with others' libraries, and can be down or hung.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type CloudEvent, HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';

export const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 'signing').toString('base64')}`;

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly event: string; readonly externalId: string; readonly action: string };
}

export interface Receiver {
  readonly url: string;
  /** Events by their id: a second one of the same id is a double, and dropped. */
  readonly events: ReadonlyMap<string, Received>;
  /** Every body and header that came, verified or not. */
  readonly raw: readonly string[];
  readonly doubles: number;
  readonly faults: readonly string[];
  /** Answers are withheld, and whatever waits for one keeps waiting. */
  hang(): void;
  /** What is new is answered with this status. */
  answer(status: number, headers?: Record<string, string>): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export const startReceiver = async (): Promise<Receiver> => {
  const events = new Map<string, Received>();
  const raw: string[] = [];
  const faults: string[] = [];
  let doubles = 0;
  let behaviour: number | 'hang' = 204;
  let extra: Record<string, string> = {};

  const take = (headers: IncomingMessage['headers'], body: string): void => {
    new Webhook(SIGNING_SECRET).verify(body, headers as Record<string, string>);
    const batch = HTTP.toEvent({ headers, body });
    for (const event of (Array.isArray(batch) ? batch : [batch]) as CloudEvent[]) {
      if (!event.validate()) throw new Error(`${event.id} is no CloudEvent`);
      if (events.has(event.id)) doubles += 1;
      events.set(event.id, event as unknown as Received);
    }
  };
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of req) body += chunk;
    raw.push(`${JSON.stringify(req.headers)} ${body}`);
    if (behaviour === 'hang') return;
    if (behaviour < 300) {
      try {
        take(req.headers, body);
      } catch (error) {
        faults.push(String(error));
      }
    }
    res.writeHead(behaviour, extra).end();
  };
  const server = createServer((req, res) => void handle(req, res).catch(() => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/events`,
    events,
    raw,
    get doubles() {
      return doubles;
    },
    faults,
    hang: () => {
      behaviour = 'hang';
    },
    answer: (status, headers = {}) => {
      behaviour = status;
      extra = headers;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
