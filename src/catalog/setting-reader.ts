import type { YamlPath } from '../metric-types/metric-kind.ts';
import { expand, lacksVariable } from './environment.ts';
import type { RuleCode } from './fault-messages.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';
import { show } from './show.ts';

/** How the text of a setting becomes its value. */
interface Reading<Value> {
  /** null: the text is not what it must be. */
  readonly parse: (text: string) => Value | null;
  /** A predicate. */
  readonly rule: string;
  readonly code?: RuleCode;
  /** Instead of a value that is faulty or not stated. */
  readonly fallback: Value;
}

/** Reads settings of the engine, which may hold environment variables; a faulty one is reported where it stands. */
export class SettingReader {
  readonly #yaml: Located;
  readonly #subject: string;
  readonly #context: LoadContext;

  constructor(yaml: Located, subject: string, context: LoadContext) {
    this.#yaml = yaml;
    this.#subject = subject;
    this.#context = context;
  }

  /** A text with its environment variables filled in; null: not stated, or one of them is not set. */
  text(path: YamlPath, value: string | undefined): string | null {
    if (value === undefined) return null;
    const { env, faults } = this.#context;
    const filled = expand(value, this.#yaml.nearest(path), { env, subject: this.#name(path), faults });
    return lacksVariable(value, env) ? null : filled;
  }

  /** A value that is written as text, or as itself. */
  value<Value>(path: YamlPath, value: string | number | undefined, reading: Reading<Value>): Value {
    const text = this.text(path, value === undefined ? undefined : String(value));
    if (text === null) return reading.fallback;
    const parsed = reading.parse(text);
    if (parsed === null) this.fault(path, reading.rule, { code: reading.code, got: show(text) });
    return parsed ?? reading.fallback;
  }

  fault(
    path: YamlPath,
    rule: string,
    { code = 'CAT_VALUE', got }: { readonly code?: RuleCode | undefined; readonly got?: string | undefined } = {},
  ): void {
    this.#context.faults.add(code, this.#yaml.nearest(path).place, { subject: this.#name(path), rule, got });
  }

  /** The file that a path names cannot be read. */
  unreadable(path: YamlPath, file: string, reason: string): void {
    this.#context.faults.add('CAT_READ', this.#yaml.nearest(path).place, { path: file, reason });
  }

  place(path: YamlPath) {
    return this.#yaml.nearest(path).place;
  }

  get directory(): string {
    return this.#context.directory;
  }

  #name(path: YamlPath): string {
    const name = path.reduce<string>(
      (sum, key) => (typeof key === 'number' ? `${sum}[${key}]` : sum === '' ? key : `${sum}.${key}`),
      '',
    );
    return name === '' ? this.#subject : `${this.#subject}: \`${name}\``;
  }
}
