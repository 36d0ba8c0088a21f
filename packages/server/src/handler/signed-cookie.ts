// Signs who an anonymous visitor is, and reads it back: `v1.<key id>.<issued>.<id>.<mac>`.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { deriveKeys, type Key } from '../lib/derive-key.ts';
import type { ResolvedCookieOptions, ResolvedHandlerOptions } from './ports.ts';

/** A value is good for one name and one deployment alone. */
type Settings = Pick<ResolvedHandlerOptions, 'secrets' | 'webchatId'> &
  Pick<ResolvedCookieOptions, 'name' | 'maxAge'>;

export interface SignedVisitor {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Signed by an older key than the first. */
  readonly outdated: boolean;
}

/** Seconds by which the clocks of two instances may differ. */
const CLOCK_SKEW = 300;

/** Values whose MAC was found good: hashing costs more than all else that a warm answer does. */
const VERIFIED = 10_000;

/** Whatever has another form, or is longer, costs no hash. */
const FORM = /^(v1\.([\w-]{8})\.([0-9a-z]{1,8})\.([\w-]{16,64}))\.([\w-]{43})$/;

export const createSignedCookie = (settings: Settings) => {
  const keys = deriveKeys(settings.secrets, 'visitor-cookie');
  const [first] = keys;
  // As JSON, so that no other pair of values gives the same text.
  const context = JSON.stringify([settings.name, settings.webchatId]);
  const mac = ({ key }: Key, signed: string): string =>
    createHmac('sha256', key).update(context).update(signed).digest('base64url');

  const verified = new LRUCache<string, SignedVisitor>({ max: VERIFIED });
  const verify = (value: string): SignedVisitor | undefined => {
    const [, signed = '', kid, issued = '', id = '', given = ''] = FORM.exec(value) ?? [];
    const key = keys.find((candidate) => candidate.id === kid);
    // Compared as text: base64url has several spellings for the same bytes, and only ours is good.
    if (!key || !timingSafeEqual(Buffer.from(given), Buffer.from(mac(key, signed)))) return undefined;
    // Copies: a slice of the Cookie header would keep the whole header in memory for as long as the guest.
    const visitor = { id: copyOf(id), issuedAt: Number.parseInt(issued, 36), outdated: key !== first };
    verified.set(copyOf(value), visitor);
    return visitor;
  };

  return {
    sign: (id: string, issuedAt: number): string => {
      if (!first) throw new TypeError('No secret to sign with');
      const signed = `v1.${first.id}.${issuedAt.toString(36)}.${id}`;
      return `${signed}.${mac(first, signed)}`;
    },
    /** @param now seconds @returns whom it names; `undefined` if we did not sign it, or too long ago */
    read: (value: string, now: number): SignedVisitor | undefined => {
      const visitor = verified.get(value) ?? verify(value);
      if (!visitor || visitor.issuedAt > now + CLOCK_SKEW || now - visitor.issuedAt >= settings.maxAge) {
        return undefined;
      }
      return visitor;
    },
  };
};

const copyOf = (text: string): string => Buffer.from(text).toString();
