// The platform's own JWTs. Signed and checked without a promise, so that a fake clock alone drives who uses them.
import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

export type Claims = Readonly<Record<string, unknown>> & { readonly exp: number };

const signature = (key: Buffer, signed: string): Buffer => createHmac('sha256', key).update(signed).digest();

export const signJwt = (key: Buffer, claims: Claims): string => {
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${signature(key, signed).toString('base64url')}`;
};

/** The claims of a JWT that `key` signed, expired or not; `undefined` for any other text. */
export const readJwt = (key: Buffer, jwt: string): Claims | undefined => {
  const [header, payload = '', given = '', ...rest] = jwt.split('.');
  if (header !== HEADER || rest.length > 0) return undefined;
  const expected = signature(key, `${header}.${payload}`);
  const told = Buffer.from(given, 'base64url');
  if (told.length !== expected.length || !timingSafeEqual(told, expected)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
};
