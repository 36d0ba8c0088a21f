// Resolves the options of signed-in members and of proofs.

import type { z } from 'zod';
import type { Issues } from '../lib/option-issues.ts';
import { checkFields } from '../lib/option-issues.ts';
import { MEMBERS_FIELDS, type PROOF, resolveMembers, resolveProof } from '../members/options-schema.ts';
import type { MembersOptions, ProofOptions } from '../members/ports.ts';
import type { Environment } from './environment.ts';

export interface MembersContext {
  readonly env: Environment;
  readonly development: boolean;
  readonly webchatId: string;
  readonly hasIdentify: boolean;
}

export interface ResolvedMembers {
  readonly members: MembersOptions | undefined;
  readonly proof: ProofOptions | undefined;
}

/** @param given the options `members` and `proof`, each as the site wrote it or as it was checked by itself */
export const resolveMembersOptions = (
  given: {
    readonly members: Readonly<Record<string, unknown>> | undefined;
    readonly proof: z.output<typeof PROOF> | undefined;
  },
  context: MembersContext,
  issues: Issues,
): ResolvedMembers => {
  const checked = given.members && checkFields(MEMBERS_FIELDS, given.members, issues, 'members');
  return {
    members:
      given.members &&
      checked &&
      resolveMembers(checked, given.members, { ...context, addIssue: issues.add }),
    proof: resolveProof(given.proof, context.webchatId),
  };
};
