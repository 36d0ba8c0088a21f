// What is encrypted can be read for the same key, purpose and place alone.
import { describe, expect, it } from 'vitest';
import { createEncryption, isNewer } from './encryption.ts';

const [old, next] = ['the old secret of the site, 32 chars', 'the new secret of the site, 32 chars'];
const encrypt = (text: string, aad: string) =>
  createEncryption([old as string], 'store-guest-token').encrypt(text, aad);
const at = 'genesys-guest:guest-token:{Xy}abc';

describe('encryption', () => {
  it('reads what it encrypted, never twice alike, and shows nothing of it', () => {
    const [one, two] = [encrypt('a guest token', at), encrypt('a guest token', at)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^v1\.[\w-]{8}\.[\w-]+$/);
    expect(Buffer.from(one.split('.')[2] as string, 'base64url').toString('latin1')).not.toContain('guest');
    expect(createEncryption([old as string], 'store-guest-token').decrypt(one, at)).toBe('a guest token');
  });

  it.each([
    ['reads with a newer secret in front', [next, old], 'store-guest-token', at, 'a guest token'],
    ['reads with a newer secret behind', [old, next], 'store-guest-token', at, 'a guest token'],
    ['does not read without its secret', [next], 'store-guest-token', at, undefined],
    ['does not read for another purpose', [old], 'store-access-token', at, undefined],
    ['does not read from another place', [old], 'store-guest-token', `${at}d`, undefined],
  ] as const)('%s', (_name, secrets, purpose, place, text) => {
    const encrypted = encrypt('a guest token', at);
    expect(createEncryption(secrets as readonly string[], purpose).decrypt(encrypted, place)).toBe(text);
  });

  it.each(['', 'Zoë Łukasz 訪客 🙂'])('reads %j', (text) => {
    expect(createEncryption([old as string], 'store-guest-token').decrypt(encrypt(text, at), at)).toBe(text);
  });

  it('encrypts nothing without a secret', () => {
    expect(() => createEncryption([], 'store-guest-token').encrypt('a guest token', at)).toThrow('No secret');
  });

  it('does not read what was changed anywhere, cut or made up', () => {
    const { decrypt } = createEncryption([old as string], 'store-guest-token');
    const encrypted = encrypt('a guest token', at);
    const [version, id, body] = encrypted.split('.') as [string, string, string];
    const bytes = Buffer.from(body, 'base64url');
    for (let i = 0; i < bytes.length; i += 1) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] as number) ^ 1;
      expect(decrypt(`${version}.${id}.${changed.toString('base64url')}`, at)).toBeUndefined();
    }
    for (const other of ['', 'v1', `v2.${id}.${body}`, `v1.${id}.`, `v1.${id}.${body.slice(0, 20)}`]) {
      expect(decrypt(other, at)).toBeUndefined();
    }
  });
});

it.each([
  ['v2.abc.def', true],
  ['v12.abc.def', true],
  ['v1.abc.def', false],
  ['v0.abc.def', false],
  ['xv2.abc', false],
  ['v2', false],
  ['', false],
])('%j was written by a newer version: %s', (encrypted, newer) => {
  expect(isNewer(encrypted)).toBe(newer);
});
