// What the guest-token endpoint takes: every limit, each broken one named by its field.
import { LIMITS } from '@genesys-guest/common';
import type { PlatformFault } from './answer.ts';

export interface GuestTokenRequest {
  readonly externalId: string;
  readonly webchatId: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; absent where the request names none. */
  readonly expiresAt?: number;
}

export type Checked =
  | { readonly good: true; readonly request: GuestTokenRequest }
  | { readonly good: false; readonly faults: readonly PlatformFault[] };

const fieldFault = (field: string, problem: string, code = 'invalid.value'): PlatformFault => ({
  status: 400,
  code,
  message: `Field ${field}: ${problem}`,
  template: 'Field {field}: {problem}',
  params: { field, problem },
  details: [{ errorCode: code, fieldName: field }],
});

const missing = (field: string): PlatformFault => fieldFault(field, 'is required', 'missing.value');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const checkPayload = (body: string, now: number): Checked => {
  const value = parse(body);
  if (!isRecord(value)) {
    return {
      good: false,
      faults: [{ status: 400, code: 'invalid.json', message: 'The body is not a JSON object' }],
    };
  }
  const { externalId, webchatId, attributes, expirationTime } = value;
  const expiresAt = instant(expirationTime);
  const faults = [
    ...externalIdFaults(externalId),
    ...webchatIdFaults(webchatId),
    ...attributesFaults(attributes),
    ...expiryFaults(expirationTime, expiresAt, now),
  ];
  if (faults.length > 0) return { good: false, faults };
  return {
    good: true,
    request: {
      externalId: externalId as string,
      webchatId: webchatId as string,
      ...(isRecord(attributes) && { attributes: attributes as Record<string, string> }),
      ...(expiresAt !== undefined && { expiresAt }),
    },
  };
};

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const externalIdFaults = (value: unknown): PlatformFault[] => {
  if (value === undefined || value === null) return [missing('externalId')];
  if (typeof value !== 'string') return [fieldFault('externalId', 'must be a string')];
  if (value.length >= 1 && value.length <= LIMITS.externalId) return [];
  return [fieldFault('externalId', `must have 1 to ${LIMITS.externalId} characters`)];
};

const webchatIdFaults = (value: unknown): PlatformFault[] => {
  if (value === undefined || value === null || value === '') return [missing('webchatId')];
  return typeof value === 'string' ? [] : [fieldFault('webchatId', 'must be a string')];
};

const attributesFaults = (value: unknown): PlatformFault[] => {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) return [fieldFault('attributes', 'must be an object')];
  const keys = Object.keys(value);
  const faults = keys.length > LIMITS.attributes ? [tooManyAttributes()] : [];
  for (const key of keys) {
    const shown = `attributes.${key.slice(0, 32)}`;
    const attribute = value[key];
    if (key.length > LIMITS.attributeKey) {
      faults.push(fieldFault(shown, `its key must have at most ${LIMITS.attributeKey} characters`));
    }
    if (typeof attribute !== 'string') faults.push(fieldFault(shown, 'must be a string'));
    else if (attribute.length > LIMITS.attributeValue) {
      faults.push(fieldFault(shown, `must have at most ${LIMITS.attributeValue} characters`));
    }
  }
  return faults;
};

const tooManyAttributes = () => fieldFault('attributes', `must have at most ${LIMITS.attributes} entries`);

const expiryFaults = (given: unknown, expiresAt: number | undefined, now: number): PlatformFault[] => {
  if (given === undefined || given === null) return [];
  if (expiresAt === undefined) return [fieldFault('expirationTime', 'must be an ISO 8601 instant')];
  return expiresAt > now ? [] : [fieldFault('expirationTime', 'must be in the future')];
};

const ISO_8601 = /^\d{4}-\d\d-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

const instant = (value: unknown): number | undefined => {
  if (typeof value !== 'string') return undefined;
  const day = ISO_8601.exec(value)?.[1];
  const at = day === undefined ? Number.NaN : Date.parse(value);
  // `Date.parse` takes 31 February for 3 March.
  const rolled = new Date(Date.parse(`${value.slice(0, 10)}T00:00:00Z`)).getUTCDate() !== Number(day);
  return Number.isNaN(at) || rolled ? undefined : at;
};
