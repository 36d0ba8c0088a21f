// Proofs: what a page shows an agent, and a Data Action asks us about. Encrypted, short, and good for one conversation.
import { createHash, randomBytes } from 'node:crypto';
import type { Answer } from '../lib/answers.ts';
import { createEncryption } from '../lib/encryption.ts';
import { GuestTokenError } from '../lib/errors.ts';
import { json } from './answers.ts';
import { bearerToken } from './bearer.ts';
import { isOneOf } from './compare.ts';
import { parseJson } from './json-body.ts';
import type { Endpoint, MembersRequest, ProofOptions, ProofPorts } from './ports.ts';

/** Seconds that a proof is good. A page asks for a new one before. */
export const PROOF_LIFETIME = 900;
/** Characters: what fits into a custom attribute beside the others. */
export const PROOF_LENGTH = 256;

/** Seconds that the clocks of two instances may differ. */
const SKEW = 60;

export interface ProvenGuest {
  readonly externalId: string;
  /** Whether the site itself named the guest. */
  readonly signedIn: boolean;
}

export interface Proofs {
  readonly endpoints: readonly Endpoint[];
  /** `undefined` for an id of more than about 140 bytes: its proof would be too long. Warns once. */
  createProof(guest: ProvenGuest): string | undefined;
}

export const createProofs = ({ webchatId, secrets }: ProofOptions, ports: ProofPorts): Proofs => {
  const { now, log } = ports;
  const cipher = createEncryption(ports.secrets, 'proof');
  const aad = JSON.stringify(['proof', webchatId]);
  let warned = false;

  const createProof = ({ externalId, signedIn }: ProvenGuest): string | undefined => {
    const id = randomBytes(3).toString('base64url');
    const issuedAt = Math.floor(now() / 1_000).toString(36);
    const proof = cipher.encrypt(`${id}${signedIn ? 1 : 0}${issuedAt}.${externalId}`, aad);
    if (proof.length <= PROOF_LENGTH) return proof;
    if (!warned) log('warn', 'Guests with an externalId of more than about 140 bytes get no proof');
    warned = true;
    return undefined;
  };

  const verify = async (proof: unknown, conversationId: unknown): Promise<object> => {
    if (typeof proof !== 'string' || proof.length > PROOF_LENGTH || !isConversation(conversationId)) {
      return NOT_VALID;
    }
    const content = cipher.decrypt(proof, aad);
    const proven = readContent(content, now() / 1_000);
    if (!proven) return NOT_VALID;
    // By content, not by text: base64url has several texts for the same bytes.
    const id = createHash('sha256').update(`${aad}${content}`).digest('base64url');
    return (await claim(id, conversationId)) ? { valid: true, webchatId, ...proven } : NOT_VALID;
  };

  const claim = async (id: string, owner: string): Promise<boolean> => {
    try {
      return await ports.store.claim(`proof:${id}`, owner, (PROOF_LIFETIME + 2 * SKEW) * 1_000);
    } catch (cause) {
      log('error', 'The owner of a proof cannot be recorded, so none is verified', { error: String(cause) });
      throw new GuestTokenError('store_unavailable', 'The owner of a proof cannot be recorded now.', {
        retryAfter: 5,
      });
    }
  };

  const answer = async (request: MembersRequest): Promise<Answer> => {
    const token = bearerToken(request);
    if (token === undefined || !isOneOf(token, secrets)) {
      const challenge = { 'WWW-Authenticate': 'Bearer' };
      return json({ error: 'invalid_token', error_description: SECRET_NEEDED }, 401, challenge);
    }
    const { proof, conversationId } = parseJson(request) ?? {};
    return json(await verify(proof, conversationId));
  };

  return {
    createProof,
    endpoints: secrets.length > 0 ? [{ path: '/verify', methods: ['POST'], pages: 'none', answer }] : [],
  };
};

const NOT_VALID = { valid: false };
const SECRET_NEEDED = 'The bearer token must be the secret of the option proof';

/** Id, whether the guest is signed in, seconds in base 36, external id. */
const CONTENT = /^[\w-]{4}([01])([0-9a-z]{6,7})\.(.+)$/s;

/** @param now seconds */
const readContent = (content: string | undefined, now: number) => {
  const [, flag, time = '', externalId] = CONTENT.exec(content ?? '') ?? [];
  const issuedAt = Number.parseInt(time, 36);
  const age = now - issuedAt;
  // The age of what cannot be read is NaN: no comparison with it is true.
  if (!(age >= -SKEW && age < PROOF_LIFETIME)) return undefined;
  return { externalId, signedIn: flag === '1', issuedAt: new Date(issuedAt * 1_000).toISOString() };
};

const isConversation = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value);
