// Collects everything that is wrong with a set of options, so that it is said at once.
import { nearest } from '@genesys-guest/common';
import type { z } from 'zod';
import { ConfigurationError, type FieldError } from './errors.ts';

export interface Faults {
  add(field: string, message: string): void;
  /** @throws ConfigurationError with every fault, where there is any. */
  throwIfAny(): void;
}

export const createFaults = (): Faults => {
  const errors: FieldError[] = [];
  return {
    add: (field, message) => {
      if (!errors.some((known) => known.field === field && known.message === message)) {
        errors.push({ field, message });
      }
    },
    throwIfAny: () => {
      if (errors.length > 0) throw new ConfigurationError(errors);
    },
  };
};

type Shape = Readonly<Record<string, z.ZodType>>;

/** The fields that are right; a field that is wrong or absent is `undefined`. */
export type Checked<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> | undefined };

/** Checks each field by itself, so that one fault hides no other. No message holds a value: it might be a secret. */
export const checkFields = <S extends Shape>(
  shape: S,
  given: unknown,
  faults: Faults,
  group = '',
): Checked<S> => {
  const checked: Record<string, unknown> = {};
  if (given !== undefined && !isRecord(given)) faults.add(group || 'options', 'must be an object');
  for (const [name, value] of Object.entries(isRecord(given) ? given : {})) {
    if (value === undefined) continue;
    const path = group ? `${group}.${name}` : name;
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!field) {
      faults.add(path, unknownOption(name, Object.keys(shape)));
      continue;
    }
    const result = field.safeParse(value);
    if (result.success) checked[name] = result.data;
    for (const issue of result.error?.issues ?? []) {
      faults.add(
        issue.path.reduce<string>((at, key) => `${at}[${String(key)}]`, path),
        issue.message,
      );
    }
  }
  return checked as Checked<S>;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unknownOption = (name: string, known: readonly string[]): string => {
  const [best = ''] = nearest(name, known, 1);
  return `is not an option; did you mean \`${best}\`?`;
};
