// An emulated platform without a network: what a page in jsdom asks is answered in the same process, by the same code.

import type { Answer } from '../answer.ts';
import { createCloud, type WholeCloud } from '../cloud.ts';
import { answerDeployment, type DeploymentFile } from '../deployment.ts';
import { connect } from '../guest-socket/connection.ts';
import { answerHistory } from '../guest-socket/history.ts';
import { exchange, refresh, revoke } from '../members/answers.ts';
import type { Member } from '../members/logins.ts';
import { type EmulatorOptions, settle } from '../settings.ts';

export interface Cloud {
  readonly cloud: WholeCloud;
  /** Codes that the provider knows; each is good once. */
  readonly codes: Map<string, Member>;
  /** Sockets that pages have open, as the platform sees them. */
  readonly sockets: ReadonlySet<{ cut(): void }>;
  /** No connection can be made, and those that are there break. */
  down: boolean;
  fetch(url: string, init?: RequestInit): Promise<unknown>;
  readonly WebSocket: unknown;
}

export const startCloud = (options: EmulatorOptions = {}): Cloud => {
  const codes = new Map<string, Member>();
  const cloud = createCloud(settle(options), '', {
    async redeem({ code = '' }) {
      const member = codes.get(code);
      codes.delete(code);
      if (member === undefined) throw new Error('no such code');
      return { member, expiresIn: 900 };
    },
  });
  const sockets = new Set<{ cut(): void }>();
  let down = false;

  const answer = async (url: string, init: RequestInit): Promise<Answer> => {
    const { pathname, searchParams } = new URL(url);
    const body = typeof init.body === 'string' ? init.body : undefined;
    const authorization = new Headers(init.headers).get('authorization') ?? '';
    const bearer = authorization.replace(/^bearer /i, '');
    if (pathname.endsWith('/oauthcodegrantjwtexchange')) return exchange(cloud, body);
    if (pathname.endsWith('/token/refresh')) return refresh(cloud, body);
    if (pathname.endsWith('/token/revoke')) return revoke(cloud, bearer);
    if (pathname.endsWith('/messages')) return answerHistory(cloud.guests.readerOf(bearer), searchParams);
    const [id = '', file = ''] = pathname.split('/').slice(-2);
    const request = { method: 'GET', headers: { host: 'cloud.example' } };
    return answerDeployment(
      cloud.settings,
      request as never,
      id,
      file.replace('.json', '') as DeploymentFile,
    );
  };

  return {
    cloud,
    codes,
    sockets,
    get down() {
      return down;
    },
    set down(next) {
      down = next;
      if (down) for (const socket of sockets) socket.cut();
    },
    async fetch(url, init = {}) {
      if (down) throw new TypeError('Failed to fetch');
      const { status, body } = await answer(url, init);
      return { ok: status < 300, status, statusText: 'told', json: async () => JSON.parse(String(body)) };
    },
    WebSocket: socketOf(cloud, sockets, () => down),
  };
};

/** A `WebSocket` whose other end is the platform's own code. */
const socketOf = (cloud: WholeCloud, sockets: Set<{ cut(): void }>, isDown: () => boolean) =>
  class {
    onopen?: () => void;
    onmessage?: (event: { data: string }) => void;
    onclose?: () => void;
    readonly #receiver;
    #over = false;

    constructor(url: string) {
      const { searchParams } = new URL(url);
      const end = () => this.cut();
      this.#receiver = connect(cloud.guests, {
        deploymentId: searchParams.get('deploymentId') ?? '',
        application: searchParams.get('application') ?? '',
        send: (data) => void setTimeout(() => this.onmessage?.({ data }), 0),
        close: end,
        terminate: end,
      });
      setTimeout(() => {
        if (isDown()) return this.cut();
        sockets.add(this);
        this.onopen?.();
      }, 0);
    }

    send(text: string) {
      setTimeout(() => {
        if (!this.#over) this.#receiver.receive(text);
      }, 0);
    }

    close() {
      this.cut();
    }

    cut() {
      if (this.#over) return;
      this.#over = true;
      sockets.delete(this);
      this.#receiver.closed();
      setTimeout(() => this.onclose?.(), 0);
    }
  };
