// Gets a fresh authorization code each time that Messenger asks for one.
import type { OnboardingConfig } from '@genesys-guest/common';
import type { Api } from '../api.ts';
import { type GuestError, guestError } from '../errors.ts';
import { emit } from '../events.ts';
import type { AuthData } from './authentication.ts';
import { randomText, sha256 } from './pkce.ts';

/** Bytes of the verifier: 43 characters, the fewest that RFC 7636 allows, of 256 bits. */
const VERIFIER = 32;
const NONCE = 16;

export interface IssueTools {
  readonly api: Api;
  /** The newest answer of our server, once there is one and nothing of the last member is left. */
  config(): Promise<OnboardingConfig>;
  refresh(): Promise<unknown>;
  /** The host's hook. */
  readonly onSignInRequired: (() => unknown) | undefined;
  /** Messenger is about to hold this member's tokens. */
  onIssued(tag: string): void;
}

const askForCode = async ({ api, onIssued }: IssueTools, member: string): Promise<AuthData> => {
  const [codeVerifier, nonce] = [randomText(VERIFIER), randomText(NONCE)];
  const codeChallenge = await sha256(codeVerifier);
  const { authCode, redirectUri, iss } = await api('/auth-code', { codeChallenge, nonce, member });
  onIssued(member);
  return { authCode, redirectUri, codeVerifier, nonce, iss };
};

/** Asks our server again if the page knows no member, because the member may have signed in since. */
const findMember = async ({ config, refresh }: IssueTools): Promise<string | undefined> => {
  const tagOf = async () => (await config()).member?.[0];
  const member = await tagOf();
  if (member) return member;
  await refresh();
  return tagOf();
};

const attempt = async (tools: IssueTools): Promise<AuthData> => {
  const member = await findMember(tools);
  if (!member) throw guestError('sign_in_required');
  return askForCode(tools, member);
};

/** Rejects with a `GuestError`: `sign_in_required`, where the host has no hook or that did not sign the member in. */
export const issueCode = (tools: IssueTools): Promise<AuthData> =>
  attempt(tools).catch(async (error: GuestError) => {
    // Somebody else is signed in by now: a refresh tells the page, and nobody gets a code.
    if (error.code === 'guest_changed') await tools.refresh().catch(() => {});
    if (error.code !== 'sign_in_required') throw error;
    emit('sign_in_required');
    if (!tools.onSignInRequired) throw error;
    await tools.onSignInRequired();
    await tools.refresh();
    return attempt(tools);
  });
