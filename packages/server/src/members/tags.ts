// Tags of members: tell a page whether the member is the same as before, and nothing else about them.
import { createHmac } from 'node:crypto';
import { deriveKeys } from '../lib/derive-key.ts';
import { isOneOf } from './compare.ts';

export interface MemberTags {
  /** `<key id>.<base64url of 128 bits>` by the first key: what a page is given to keep. */
  memberTag(externalId: string): string;
  /** By every key, the newest first: a page that holds one of them holds this member's, also while secrets are replaced. */
  memberTags(externalId: string): readonly string[];
  isMemberTag(externalId: string, tag: string): boolean;
}

/** Bytes of the HMAC that are kept. */
const LENGTH = 16;

export const createMemberTags = (secrets: readonly string[]): MemberTags => {
  const keys = deriveKeys(secrets, 'member-tag');
  const memberTags = (externalId: string): readonly string[] =>
    keys.map(({ id, key }) => {
      const mac = createHmac('sha256', key).update(externalId).digest();
      return `${id}.${mac.subarray(0, LENGTH).toString('base64url')}`;
    });
  return {
    memberTags,
    memberTag: (externalId) => memberTags(externalId)[0] ?? '',
    isMemberTag: (externalId, tag) => isOneOf(tag, memberTags(externalId)),
  };
};
