import type { FaultList } from './fault.ts';
import type { Located } from './located.ts';

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Fills `${NAME}` and `${NAME:-default}` in; a variable that is not set and has no default is a fault. */
export function expand(
  text: string,
  located: Located,
  { env, subject, faults }: { readonly env: Environment; readonly subject: string; readonly faults: FaultList },
): string {
  return text.replace(VARIABLE, (_, name: string, fallback: string | undefined) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined && !(value === '' && fallback !== undefined)) return value;
    if (fallback === undefined) faults.add('CAT_ENV', located.place, { subject, name });
    return fallback ?? '';
  });
}

/** Whether a text uses a variable that is not set and has no default. */
export function lacksVariable(text: string, env: Environment): boolean {
  return [...text.matchAll(VARIABLE)].some(
    ([, name, fallback]) => fallback === undefined && (!Object.hasOwn(env, name!) || env[name!] === undefined),
  );
}

/** Whether a text says something by itself, beside what its variables hold. */
export function isLiteral(text: string): boolean {
  return text.replace(VARIABLE, (_, __, fallback: string | undefined) => fallback ?? '') !== '';
}
