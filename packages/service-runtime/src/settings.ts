/**
 * Settings: declared once with meaning and default, read once from the environment, validated
 * whole, frozen. `docs/configuration.md` and `.env.example` come from the same declarations.
 */
import { ConferenceError, isDomain } from '@conference/muc';
import { z } from 'zod';

/** One environment variable. */
export interface SettingDeclaration<T> {
  /** Name of the environment variable. */
  readonly variable: string;
  /** What it is for, with its unit; one sentence, for the documentation. */
  readonly description: string;
  /** The default as text, or undefined where the setting must be given. */
  readonly defaultText: string | undefined;
  /** Never printed. */
  readonly isSecret: boolean;
  /** Text → value; its issues are shown after the variable's name. */
  readonly schema: z.ZodType<T, string>;
}

export type SettingDeclarations = Record<string, SettingDeclaration<unknown>>;

export type SettingsOf<D extends SettingDeclarations> = {
  readonly [K in keyof D]: D[K] extends SettingDeclaration<infer T> ? T : never;
};

/** Declares one setting. Without `defaultText` the variable must be set. */
export function setting<T>(
  variable: string,
  schema: z.ZodType<T, string>,
  description: string,
  options: { readonly defaultText?: string; readonly isSecret?: boolean } = {},
): SettingDeclaration<T> {
  return {
    variable,
    schema,
    description,
    defaultText: options.defaultText,
    isSecret: options.isSecret ?? false,
  };
}

/** Of a value that is wrong no more than this many characters are shown. */
const LONGEST_SHOWN = 80;

/** Schemas for the text of environment variables. */
export const settingText = {
  string: () =>
    z
      .string()
      .regex(/\S/, 'must not be blank')
      .regex(/^\P{Cc}*$/u, 'must hold no control characters'),
  integer: (minimum: number, maximum: number) =>
    z
      .string()
      .regex(/^-?\d+$/, 'must be a whole number')
      .transform(Number)
      .refine((number) => number >= minimum, `must be at least ${minimum}`)
      .refine((number) => number <= maximum, `must be at most ${maximum}`),
  /** From 0, which takes a free one, where we listen; from 1 where we connect. */
  port: (minimum: 0 | 1 = 0) => settingText.integer(minimum, 65535),
  milliseconds: (minimum = 0, maximum = 86_400_000) => settingText.integer(minimum, maximum),
  oneOf: <const V extends readonly [string, ...string[]]>(values: V) =>
    z.string().pipe(z.enum(values, `must be ${values.join(' or ')}`)),
  domain: () => z.string().refine(isDomain, 'must be a domain'),
  /** Comma-separated; blanks around entries are dropped; at least one entry. */
  list: () =>
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((entry) => entry.trim())
          .filter((entry) => entry !== ''),
      )
      .pipe(z.array(z.string()).min(1, 'must name at least one')),
  boolean: () => settingText.oneOf(['true', 'false']).transform((text) => text === 'true'),
} as const;

/**
 * Reads all declared settings from an environment. An empty variable counts as unset.
 * Fails with one `configuration-invalid` that lists every problem by variable name and never
 * shows the value of a secret.
 */
export function readSettings<D extends SettingDeclarations>(
  declarations: D,
  environment: Readonly<Record<string, string | undefined>>,
): SettingsOf<D> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [key, declaration] of Object.entries(declarations)) {
    const text = environment[declaration.variable] || declaration.defaultText;
    if (text === undefined) {
      problems.push(`${declaration.variable} is not set (${declaration.description})`);
      continue;
    }
    const result = declaration.schema.safeParse(text);
    if (result.success) {
      values[key] = result.data;
    } else {
      const shown = declaration.isSecret ? '' : ` (it is "${shorten(text)}")`;
      const issues = result.error.issues.map((issue) => issue.message).join('; ');
      problems.push(`${declaration.variable}${shown}: ${issues}`);
    }
  }
  if (problems.length > 0) {
    throw new ConferenceError('configuration-invalid', problems.join('\n'));
  }
  return Object.freeze(values) as SettingsOf<D>;
}

function shorten(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
