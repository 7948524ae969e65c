import type { FaultList } from './fault.ts';
import type { Located } from './located.ts';

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Fills `${NAME}` and `${NAME:-default}` in; a variable that is not set and has no default is a fault. */
export function expand(
  text: string,
  located: Located,
  { env, subject, faults }: { readonly env: Environment; readonly subject: string; readonly faults: FaultList },
): string {
  return text.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => {
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value !== undefined && !(value === '' && fallback !== undefined)) return value;
      if (fallback === undefined) faults.add('CAT_ENV', located.place, { subject, name });
      return fallback ?? '';
    },
  );
}
