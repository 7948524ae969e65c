/** A word of an expression that is not inside of a text. */
export interface Word {
  /** Lower case; without its quotes. */
  readonly text: string;
  readonly offset: number;
  readonly isQuoted: boolean;
  /** An opening parenthesis follows. */
  readonly isCalled: boolean;
}

/** Words that an opening parenthesis may follow without a function being called: grammar and types. */
const NOT_FUNCTIONS: ReadonlySet<string> = new Set(
  `and or not in like ilike between is case when then else any all some from as distinct on by escape array row interval
  collate similar to cast try_cast decimal numeric varchar char timestamp time float double integer bigint for both leading
  trailing symmetric asymmetric filter`.split(/\s+/),
);

/** Words that are functions without parentheses, and depend on more than the row. */
const CONTEXT_WORDS: ReadonlySet<string> = new Set(
  `current_date current_time current_timestamp localtime localtimestamp current_user session_user current_role
  current_schema current_catalog`.split(/\s+/),
);

/** The words of a lexically sound expression. */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/'(?:[^']|'')*'|"((?:[^"]|"")*)"|[A-Za-z_][A-Za-z0-9_]*/g)) {
    if (match[0].startsWith("'")) continue;
    const isQuoted = match[1] !== undefined;
    words.push({
      text: (match[1] ?? match[0]).toLowerCase(),
      offset: match.index,
      isQuoted,
      isCalled: /^\s*\(/.test(text.slice(match.index + match[0].length)),
    });
  }
  return words;
}

/** Words that call a function, as far as that can be told without a parser. */
export function calledWords(words: readonly Word[]): readonly Word[] {
  return words.filter(({ text, isQuoted, isCalled }) => isCalled && (isQuoted || !NOT_FUNCTIONS.has(text)));
}

/** The first word that reads the clock or the session; null: none does. */
export function contextWord(words: readonly Word[]): Word | null {
  return words.find(({ text, isQuoted }) => !isQuoted && CONTEXT_WORDS.has(text)) ?? null;
}
