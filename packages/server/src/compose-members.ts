// Gives signed-in members and proofs what they need of the other rooms, and a mount what it needs of them.
import type { MountContext } from './handler/mount.ts';
import type { ResolvedHandlerOptions } from './handler/ports.ts';
import { createRateLimiter } from './handler/rate-limiter.ts';
import { createMembers } from './members/members.ts';
import { CODES_PER_MINUTE } from './members/ports.ts';
import { createProofs } from './members/proofs.ts';
import type { Behind } from './tokens/guest-tokens.ts';

export const composeMembers = (
  { members: options, proof, secrets, log }: ResolvedHandlerOptions,
  { store, counter }: Pick<Behind<unknown>, 'store' | 'counter'>,
): Pick<MountContext, 'routers' | 'factsOf'> => {
  const ports = { secrets, store, now: Date.now, log };
  const consume = createRateLimiter(counter);
  const countCode = async (member: string): Promise<number | undefined> =>
    (await consume([{ name: `code ${member}`, limit: CODES_PER_MINUTE, window: 60_000 }])).retryAfter;
  const members = options && createMembers(options, { ...ports, countCode });
  const proofs = proof && createProofs(proof, ports);
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
