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
    /** Whether a field that begins so has an issue: then it was given, although its checked value is `undefined`. */
    has: (field: string): boolean => errors.some((error) => error.field.startsWith(field)),
    /** @throws ConfigurationError */
    throwIfAny: (): void => {
      if (errors.length > 0) throw new ConfigurationError(errors);
    },
  };
};

/** What each option must be. A group of options is a shape in it. */
interface Shape {
  readonly [option: string]: z.ZodType | Shape;
}

/** The options that are right. One that is wrong or absent has its default, if there is one. */
export type Checked<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Shape
    ? Checked<S[K]>
    : undefined extends z.input<S[K]>
      ? z.output<S[K]>
      : z.output<S[K]> | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Which variable of the environment stands for an option that is not given. */
export interface Variable {
  readonly variable: string;
  /** What its text says. Default: as it is. */
  readonly read?: (text: string) => unknown;
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
  const options = isRecord(given) ? given : {};
  const pathOf = (name: string): string => (group ? `${group}.${name}` : name);
  const check = (name: string, value: unknown, path: string): void => {
    const field = shape[name] as S[string];
    if (!(field instanceof z.ZodType)) {
      checked[name] = checkFields(field as Shape, value, issues, path);
      return;
    }
    const { data, error } = field.safeParse(value);
    checked[name] = error ? field.safeParse(undefined).data : data;
    for (const issue of (value !== undefined && error?.issues) || []) {
      issues.add(z.core.toDotPath([...path.split('.'), ...issue.path]), issue.message);
    }
  };
  if (given !== undefined && !isRecord(given)) issues.add(group || 'options', 'must be an object');
  for (const name of Object.keys(shape)) check(name, options[name], pathOf(name));
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(shape, name)) continue;
    const [best = ''] = nearest(name, Object.keys(shape), 1);
    issues.add(pathOf(name), `is not an option; did you mean \`${best}\`?`);
  }
  for (const [name, { variable, read }] of Object.entries(variables)) {
    if (options[name] !== undefined && !isEmpty(checked[name])) continue;
    const text = env[variable];
    if (text && IN_QUOTES.test(text)) issues.add(variable, QUOTED);
    else if (text) check(name, read ? read(text) : text, variable);
    else if (checked[name] === undefined) {
      issues.add(pathOf(name), `is missing: set \`${pathOf(name)}\` or the environment variable ${variable}`);
    }
  }
  return checked as Checked<S>;
};

const IN_QUOTES = /^\s*(["'`]).*\1\s*$/s;
const QUOTED =
  'has quotation marks around its value: take them away, as docker --env-file, systemd and some consoles take them for a part of it';

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
