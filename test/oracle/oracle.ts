import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NotComputable } from '../../src/statistics/inference.ts';

/** A number as JSON can hold it. */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';
type Expected = JsonNumber | boolean | string | null | readonly Expected[];

/** One reference case. `input` differs by family; its adapter reads it. */
export interface OracleCase {
  readonly id: string;
  readonly family: string;
  // biome-ignore lint/suspicious/noExplicitAny: the input of a family is read by that family's adapter only
  readonly input: any;
  readonly expected: Readonly<Record<string, Expected>>;
  readonly tolerance: { readonly rel: number; readonly abs: number };
}

/** What is computed for one expected key; null stands for an unknown inside a list; NOT_OFFERED is a method we do not have. */
export type Answer = number | boolean | NotComputable | 'NOT_OFFERED' | readonly (number | null)[];
export type Answers = Readonly<Record<string, Answer>>;
/** Answers by expected key, or the refusal of the whole case, or NOT_OFFERED for a case we decline by convention. */
export type Reply = Answers | NotComputable | 'NOT_OFFERED';

export interface Family {
  readonly answer: (input: OracleCase['input']) => Reply | Promise<Reply>;
  /** Cases in which refusing is our convention although the reference returns a number. */
  readonly refuses?: (input: OracleCase['input']) => boolean;
}

export interface Failure {
  readonly id: string;
  readonly key: string;
  readonly expected: unknown;
  readonly got: unknown;
}

export interface FamilyReport {
  readonly family: string;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  /** Expected values of methods that we do not have. */
  readonly notOffered: number;
  readonly stillToCome: boolean;
  readonly failures: readonly Failure[];
}

/** The cases of every *.json of a directory, by family. */
export function loadCases(directory: string): Map<string, OracleCase[]> {
  const families = new Map<string, OracleCase[]>();
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'));
  for (const file of files.sort()) {
    const content = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    const cases: OracleCase[] = Array.isArray(content) ? content : content.cases;
    for (const one of cases) families.set(one.family, [...(families.get(one.family) ?? []), one]);
  }
  return families;
}

const isRefusal = (value: unknown): value is NotComputable =>
  typeof value === 'object' && value !== null && 'ok' in value && value.ok === false;

function close(got: number, expected: JsonNumber, { rel, abs }: OracleCase['tolerance']): boolean {
  const y = Number(expected);
  if (Number.isNaN(y) || Number.isNaN(got)) return false;
  return got === y || Math.abs(got - y) <= abs + rel * Math.abs(y);
}

/** Whether one answer meets one expected value. An expected NaN is met by a refusal or, in a list, by null. */
function meets(got: Answer | null, expected: Expected, tolerance: OracleCase['tolerance']): boolean {
  if (Array.isArray(expected)) {
    if (expected.every((item) => item === 'NaN') && isRefusal(got)) return true;
    return (
      Array.isArray(got) &&
      got.length === expected.length &&
      expected.every((item, i) => meets(got[i], item, tolerance))
    );
  }
  if (expected === 'NaN' || expected === null) return got === null || isRefusal(got);
  if (typeof expected === 'boolean') return got === expected;
  return typeof got === 'number' && close(got, expected as JsonNumber, tolerance);
}

/** The failures of one case, and how many of its values are not offered. */
export async function checkCase(one: OracleCase, family: Family): Promise<{ failures: Failure[]; notOffered: number }> {
  const { error, status, ...values } = one.expected;
  let reply: Reply;
  try {
    reply = await family.answer(one.input);
  } catch (thrown) {
    return { failures: [{ id: one.id, key: '(thrown)', expected: one.expected, got: String(thrown) }], notOffered: 0 };
  }
  if (reply === 'NOT_OFFERED') return { failures: [], notOffered: Object.keys(values).length };
  const mustRefuse =
    status === 'not_computable' || (error !== undefined && error !== null) || family.refuses?.(one.input) === true;
  const mayRefuse = mustRefuse || Object.values(values).includes('NaN');
  if (isRefusal(reply)) {
    const failures = mayRefuse ? [] : [{ id: one.id, key: '(case)', expected: one.expected, got: reply.reason }];
    return { failures, notOffered: 0 };
  }
  if (mustRefuse) {
    return { failures: [{ id: one.id, key: '(case)', expected: 'a refusal', got: reply }], notOffered: 0 };
  }
  const failures: Failure[] = [];
  let notOffered = 0;
  for (const [key, expected] of Object.entries(values)) {
    const got = reply[key];
    if (got === 'NOT_OFFERED') notOffered++;
    else if (got === undefined || !meets(got, expected, one.tolerance))
      failures.push({ id: one.id, key, expected, got });
  }
  return { failures, notOffered };
}

/** Runs every case of every family. A family that is neither implemented nor announced fails as a whole. */
export async function runOracle(
  cases: ReadonlyMap<string, readonly OracleCase[]>,
  families: Readonly<Record<string, Family>>,
  stillToCome: readonly string[],
): Promise<FamilyReport[]> {
  const reports: FamilyReport[] = [];
  for (const [name, ofFamily] of cases) {
    const family = families[name];
    const announced = family === undefined && stillToCome.includes(name);
    const failures: Failure[] = [];
    let [passed, notOffered] = [0, 0];
    for (const one of announced ? [] : ofFamily) {
      if (family === undefined) {
        failures.push({ id: one.id, key: '(family)', expected: 'an adapter', got: undefined });
        continue;
      }
      const result = await checkCase(one, family);
      failures.push(...result.failures);
      notOffered += result.notOffered;
      if (result.failures.length === 0) passed++;
    }
    const failed = announced ? 0 : ofFamily.length - passed;
    reports.push({
      family: name,
      cases: ofFamily.length,
      passed,
      failed,
      notOffered,
      stillToCome: announced,
      failures,
    });
  }
  return reports;
}
