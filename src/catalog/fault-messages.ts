import type { Place } from '../metric-types/expression.ts';

/** "`key` must be …": an offender, what it breaks and, where it helps, what was written. */
interface Rule {
  readonly subject: string;
  /** A predicate. */
  readonly rule: string;
  readonly got?: string | undefined;
  readonly suggestion?: string | null | undefined;
}

function rule({ subject, rule, got, suggestion }: Rule): string {
  return `${subject} ${rule}${got === undefined ? '' : `, not ${got}`}.${didYouMean(suggestion)}`;
}

function didYouMean(suggestion: string | null | undefined): string {
  return suggestion ? ` Did you mean \`${suggestion}\`?` : '';
}

/** A place as it is printed. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** Every fault of a catalog: its stable code, what it is told with, and its sentence. */
export const FAULT_MESSAGES = {
  /** The folder or a file cannot be read. */
  CAT_READ: (p: { path: string; reason: string }) => `\`${p.path}\` cannot be read: ${p.reason}.`,
  /** A file is not UTF-8. */
  CAT_ENCODING: (p: { offset: number }) =>
    `The file is not valid UTF-8 (first bad byte at offset ${p.offset}); save it as UTF-8.`,
  /** Too large, too deep or too many aliases. */
  CAT_LIMIT: rule,
  /** Not YAML 1.2, or a part of YAML that a catalog does not use. */
  CAT_YAML: (p: { reason: string }) => `${p.reason}.`,
  /** One map holds a key twice. */
  CAT_DUPLICATE_KEY: (p: { key: string; first: Place }) =>
    `The key \`${p.key}\` is given twice; it was first given at ${formatPlace(p.first)}. Remove one.`,
  /** Two files define the same thing. */
  CAT_DUPLICATE: (p: { what: string; first: Place }) =>
    `${p.what} is defined twice; it was first defined at ${formatPlace(p.first)}. Remove or rename one.`,
  CAT_UNKNOWN_FIELD: (p: { subject: string; key: string; suggestion: string | null; known: readonly string[] }) =>
    `${p.subject} has no field \`${p.key}\`.${
      p.suggestion ? didYouMean(p.suggestion) : ` Its fields are ${p.known.map((key) => `\`${key}\``).join(', ')}.`
    }`,
  /** A key or word of the design that this version does not build. */
  CAT_NOT_SUPPORTED: (p: { subject: string; what: string }) =>
    `${p.subject}: ${p.what} is not offered in this version; remove it.`,
  /** Text where a number belongs, and the like. */
  CAT_TYPE: rule,
  /** Of the right type, but not a value that means something. */
  CAT_VALUE: rule,
  /** A metric or source that is named but not defined. */
  CAT_UNKNOWN_NAME: (p: { subject: string; kind: string; name: string; suggestion: string | null }) =>
    `${p.subject} names the ${p.kind} \`${p.name}\`, which is not defined.${didYouMean(p.suggestion)}`,
  /** A name that breaks the rule for names. */
  CAT_NAME: rule,
  /** A duration. */
  CAT_WINDOW: rule,
  /** Start, end and other instants in the wrong order. */
  CAT_PERIOD: rule,
  CAT_VARIANTS: rule,
  CAT_WEIGHTS: rule,
  CAT_CONTROL: rule,
  CAT_VERSION: rule,
  CAT_CAP: rule,
  /** SQL text that is not one plain expression. */
  CAT_EXPRESSION: rule,
  /** A window over rows that have no time. */
  CAT_NO_TIMESTAMP: rule,
  /** A metric in a role that it cannot have. */
  CAT_ROLE: rule,
  /** An environment variable that is not set. */
  CAT_ENV: (p: { subject: string; name: string }) =>
    `${p.subject} uses the environment variable \`${p.name}\`, which is not set; set it, or give a default: \`\${${p.name}:-value}\`.`,
  /** The warehouse cannot describe a source's relation. */
  CAT_NO_TABLE: (p: { subject: string; reason: string }) => `${p.subject} cannot be read: ${p.reason}`,
  /** The warehouse has no such column. */
  CAT_NO_COLUMN: (p: { subject: string; column: string; suggestion: string | null }) =>
    `${p.subject} names the column \`${p.column}\`, which the source does not have.${didYouMean(p.suggestion)}`,
} as const;

/** Stable code of a fault in a catalog. */
export type FaultCode = keyof typeof FAULT_MESSAGES;

/** What a code's sentence is told with. */
export type FaultParameters<Code extends FaultCode> = Parameters<(typeof FAULT_MESSAGES)[Code]>[0];

/** The codes whose sentence is an offender and a predicate. */
export type RuleCode = {
  [Code in FaultCode]: Rule extends FaultParameters<Code> ? Code : never;
}[FaultCode];
