// Collects everything that is wrong with a set of options, each with a fix, so that it is said at once.
import { nearest } from '@genesys-guest/common';
import type { z } from 'zod';
import { ConfigurationError, type FieldError } from './errors.ts';

export type Issues = ReturnType<typeof createIssues>;

export const createIssues = () => {
  const errors: FieldError[] = [];
  return {
    /** @param message what is wrong and what to do about it, never the value: it might be a secret */
    add: (field: string, message: string): void => {
      errors.push({ field, message });
    },
    /** Whether there is an issue with this option or a part of it. Such an option was given, although its value is `undefined`. */
    has: (field: string): boolean =>
      errors.some(
        ({ field: at }) => at === field || at.startsWith(`${field}.`) || at.startsWith(`${field}[`),
      ),
    /** @throws ConfigurationError with every issue, if there is one */
    throwIfAny: (): void => {
      if (errors.length > 0) throw new ConfigurationError(errors);
    },
  };
};

type Shape = Readonly<Record<string, z.ZodType>>;

/** The fields that are right; a field that is wrong or absent is `undefined`. */
export type Checked<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> | undefined };

/** Checks each field by itself, so that one issue hides no other. */
export const checkFields = <S extends Shape>(
  shape: S,
  given: unknown,
  issues: Issues,
  group = '',
): Checked<S> => {
  const checked: Record<string, unknown> = {};
  if (given !== undefined && !isRecord(given)) issues.add(group || 'options', 'must be an object');
  for (const [name, value] of Object.entries(isRecord(given) ? given : {})) {
    if (value === undefined) continue;
    const path = group ? `${group}.${name}` : name;
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!field) {
      issues.add(path, unknownOption(name, Object.keys(shape)));
      continue;
    }
    const result = field.safeParse(value);
    if (result.success) checked[name] = result.data;
    for (const issue of result.error?.issues ?? []) {
      issues.add(
        issue.path.reduce<string>(
          (at, key) => at + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
          path,
        ),
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
