// Collects everything that is wrong with a set of options, each with a fix, so that it is said at once.
import { nearest } from '@genesys-guest/common';
import { z } from 'zod';
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

/** The fields that are right; one that is wrong or absent is not there. */
export type Checked<S extends Shape> = { readonly [K in keyof S]?: z.output<S[K]> };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Which variable of the environment stands for an option that is not given. */
export interface Variable {
  readonly variable: string;
  /** What its text says. Default: as it is. */
  readonly read?: (text: string) => unknown;
  /** Whether it is no issue that the option is in neither place. */
  readonly optional?: boolean;
}

const NOWHERE = { env: {} as Environment, variables: {} as Readonly<Record<string, Variable>> };

/** Checks each field by itself, so that one issue hides no other. */
export const checkFields = <S extends Shape>(
  shape: S,
  given: unknown,
  issues: Issues,
  group = '',
  { env, variables } = NOWHERE,
): Checked<S> => {
  const checked: Record<string, unknown> = {};
  const pathOf = (name: string): string => (group ? `${group}.${name}` : name);
  const check = (name: string, value: unknown, path: string): void => {
    const result = (shape[name] as z.ZodType).safeParse(value);
    if (result.success) checked[name] = result.data;
    for (const issue of result.error?.issues ?? []) {
      issues.add(z.core.toDotPath([...path.split('.'), ...issue.path]), issue.message);
    }
  };
  if (given !== undefined && !isRecord(given)) issues.add(group || 'options', 'must be an object');
  for (const [name, value] of Object.entries(isRecord(given) ? given : {})) {
    if (value === undefined) continue;
    if (Object.hasOwn(shape, name)) check(name, value, pathOf(name));
    else issues.add(pathOf(name), unknownOption(name, Object.keys(shape)));
  }
  for (const [name, { variable, read, optional }] of Object.entries(variables)) {
    if (issues.has(pathOf(name)) || isGiven(checked[name])) continue;
    const text = env[variable];
    if (text && IN_QUOTES.test(text)) issues.add(variable, QUOTED);
    else if (text) check(name, read ? read(text) : text, variable);
    else if (!optional) {
      issues.add(pathOf(name), `is missing: set \`${pathOf(name)}\` or the environment variable ${variable}`);
    }
  }
  return checked as Checked<S>;
};

const IN_QUOTES = /^\s*(["'`]).*\1\s*$/s;
const QUOTED =
  'has quotation marks around its value: take them away, as docker --env-file, systemd and some consoles take them for a part of it';

const isGiven = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== undefined);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unknownOption = (name: string, known: readonly string[]): string => {
  const [best = ''] = nearest(name, known, 1);
  return `is not an option; did you mean \`${best}\`?`;
};
