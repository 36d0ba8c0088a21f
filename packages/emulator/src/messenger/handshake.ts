// How a connection gets its session: as a member or as nobody, once more where the platform refuses at first.
import type { Auth } from './auth.ts';
import { createCredentials } from './credentials.ts';
import type { DeploymentConfig } from './deployment.ts';
import type { GuestSocket } from './socket.ts';
import type { Storage } from './storage.ts';
import type { Frame, SessionResponse } from './wire.ts';

export interface Started extends SessionResponse {
  readonly authenticated: boolean;
}

export interface Handshake {
  ask(action: string, request?: Readonly<Record<string, unknown>>): Promise<Frame>;
  tell(action: string, request: Readonly<Record<string, unknown>>): void;
  /** Connects and configures. Rejects with a refusal's frame, with what `Auth` rejects with, or with `LOST`. */
  begin(startNew: boolean): Promise<Started>;
  /** Makes the running anonymous session a member's. */
  stepUp(jwt: string): Promise<void>;
  /** The next session is another one. */
  forget(): void;
}

/** The session's token in the storage, called as Messenger calls it. */
const TOKEN = 'actmu';
const CANNOT_DOWNGRADE = 4017;

export const createHandshake = (parts: {
  readonly socket: GuestSocket;
  readonly storage: Storage;
  readonly auth: Auth;
  readonly config: DeploymentConfig;
  readonly isActive: () => boolean;
}): Handshake => {
  const { socket, storage, auth, config, isActive } = parts;
  const credentials = createCredentials(auth, config, isActive);

  const identity = () => {
    const token = storage.read<string>(TOKEN) ?? crypto.randomUUID();
    storage.write(TOKEN, token);
    return { token, deploymentId: config.id };
  };
  const forget = () => storage.remove(TOKEN);
  const ask: Handshake['ask'] = (action, request = {}) => socket.ask(action, { ...identity(), ...request });
  const configure = (jwt: string | undefined, startNew: boolean) =>
    jwt === undefined
      ? ask('configureSession', { startNew })
      : ask('configureAuthenticatedSession', { startNew, data: { code: jwt } });
  const configureAgain = async (refused: Frame, jwt: string | undefined, startNew: boolean) => {
    if (jwt !== undefined && (refused.code === 401 || refused.code === 403)) {
      return configure(await auth.renew(), startNew);
    }
    if (refused.code !== CANNOT_DOWNGRADE) return refused;
    forget();
    return configure(jwt, startNew);
  };

  return {
    ask,
    tell: (action, request) => socket.tell(action, { ...identity(), ...request }),
    async begin(startNew) {
      const jwt = await credentials();
      await socket.connect();
      const first = await configure(jwt, startNew);
      const last = first.code === 200 ? first : await configureAgain(first, jwt, startNew);
      if (last.code !== 200) throw last;
      return { ...(last.body as SessionResponse), authenticated: jwt !== undefined };
    },
    async stepUp(jwt) {
      const frame = await configure(jwt, false);
      if (frame.code !== 200) throw frame;
    },
    forget,
  };
};
