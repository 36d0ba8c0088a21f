// Gives signed-in members and proofs what they need of the other rooms, and a mount what it needs of them.
import { isAnonymousId } from '@genesys-guest/common';
import type { MountContext } from './handler/mount.ts';
import type { ResolvedHandlerOptions } from './handler/ports.ts';
import { createRateLimiter } from './handler/rate-limiter.ts';
import { ConfigurationError } from './lib/errors.ts';
import { createMembers } from './members/members.ts';
import { CODES_PER_MINUTE } from './members/ports.ts';
import { createProofs, type ProvenGuest } from './members/proofs.ts';
import { checkGuest } from './tokens/guest.ts';
import type { Behind } from './tokens/guest-tokens.ts';

/** Whom a proof is for: what `visitor(req)` returned, or a guest of the site's. Who is not anonymous counts as signed in. */
export type ProofOf = Pick<ProvenGuest, 'externalId'> & Partial<ProvenGuest>;

export const composeMembers = (
  { members: options, proof, secrets, log }: ResolvedHandlerOptions,
  { store, counter }: Pick<Behind<unknown>, 'store' | 'counter'>,
): Pick<MountContext, 'endpoints' | 'factsOf'> & { proof(guest: ProofOf): string | undefined } => {
  const ports = { secrets, store, now: () => Date.now(), log };
  const consume = createRateLimiter(counter);
  const countCode = async (member: string): Promise<number | undefined> =>
    (await consume([{ name: `code ${member}`, limit: CODES_PER_MINUTE, window: 60_000 }])).retryAfter;
  const members = options && createMembers(options, { ...ports, countCode });
  const proofs = proof && createProofs(proof, ports);
  return {
    proof: (guest) => {
      if (!proofs) throw new ConfigurationError([{ field: 'proof', message: NO_PROOFS }]);
      const { externalId } = checkGuest({ externalId: guest.externalId });
      return proofs.createProof({ externalId, signedIn: guest.signedIn ?? !isAnonymousId(externalId) });
    },
    endpoints: [...(members?.endpoints ?? []), ...(proofs?.endpoints ?? [])],
    factsOf: ({ guest: { externalId }, identified }) => {
      const proof = proofs?.createProof({ externalId, signedIn: identified });
      return {
        ...(members && identified && { member: members.memberTags(externalId) }),
        ...(proof !== undefined && { proof }),
      };
    },
  };
};

const NO_PROOFS = 'is not set: guest.proof() needs `proof: true` or `proof: { secret }`';
