// Gives signed-in members and proofs what they need of the other rooms: keys, single use, limits, errors.
import { randomBytes } from 'node:crypto';
import type { MountContext } from './handler/mount.ts';
import type { ResolvedHandlerOptions } from './handler/ports.ts';
import { createRateLimiter } from './handler/rate-limiter.ts';
import { deriveKey, type KeyPurpose, keyId } from './lib/derive-key.ts';
import { createEncryption } from './lib/encryption.ts';
import { GuestTokenError } from './lib/errors.ts';
import { createMembers, type Members } from './members/members.ts';
import { type Cipher, CODES_PER_MINUTE, type MakeError, type SingleUseStore } from './members/ports.ts';
import { createProofs, type Proofs } from './members/proofs.ts';
import { createLogThrottle } from './observe/log-throttle.ts';
import type { RateCounter } from './store/ports.ts';

export interface MemberServices {
  readonly members: Members | undefined;
  readonly proofs: Proofs | undefined;
}

export interface MembersSurroundings {
  readonly store: SingleUseStore;
  readonly counter: RateCounter | undefined;
}

export const composeMembers = (
  { members, proof, secrets, log: siteLog }: ResolvedHandlerOptions,
  { store, counter }: MembersSurroundings,
): MemberServices => {
  const cipher = (purpose: KeyPurpose): Cipher => createEncryption(secrets, purpose);
  // Strangers can cause some of its lines.
  const log = createLogThrottle(siteLog);
  const common = { store, now: Date.now, randomBytes, log, error };
  return {
    members:
      members &&
      createMembers(members, {
        ...common,
        ciphers: { code: cipher('member-code'), accessToken: cipher('member-access-token') },
        tagKeys: secrets.map((secret) => ({
          id: keyId(secret, 'member-tag'),
          key: deriveKey(secret, 'member-tag'),
        })),
        limiter: createCodeLimiter(counter),
      }),
    proofs: proof && createProofs(proof, { ...common, cipher: cipher('proof') }),
  };
};

/** What a mount is given of them. */
export const memberParts = ({
  members,
  proofs,
}: MemberServices): Pick<MountContext, 'routers' | 'factsOf'> => {
  const routers = [members, proofs].filter((router) => router !== undefined);
  if (routers.length === 0) return {};
  return {
    routers,
    factsOf: ({ guest: { externalId }, identified }) => {
      const proof = proofs?.createProof({ externalId, signedIn: identified });
      return {
        ...(members && identified && { member: members.memberTags(externalId) }),
        ...(proof !== undefined && { proof }),
      };
    },
  };
};

const error: MakeError = (code, detail, retryAfter) => new GuestTokenError(code, detail, { retryAfter });

const createCodeLimiter = (counter: RateCounter | undefined) => {
  const limiter = createRateLimiter(counter);
  return {
    consume: async (member: string): Promise<number | undefined> => {
      const counted = limiter.consume([{ name: `code ${member}`, limit: CODES_PER_MINUTE, window: 60_000 }]);
      return (await counted).retryAfter;
    },
  };
};
