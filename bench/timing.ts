/** One way to get the same numbers. */
export interface Contestant {
  readonly name: string;
  run(): Promise<unknown>;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Timed {
  readonly name: string;
  readonly milliseconds: readonly number[];
  /** Of all threads of whatever computes: what a busy machine disturbs least. */
  readonly cpuMilliseconds: readonly number[];
}

/** Paired round robin: every round runs all of them, each round starting with another, after rounds that do not count. */
export async function takeTurns<C, T>(
  contestants: readonly C[],
  { rounds, warmUp, once }: { readonly rounds: number; readonly warmUp: number; once(contestant: C): Promise<T> },
): Promise<readonly (readonly T[])[]> {
  const taken = contestants.map((): T[] => []);
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const i = (round + turn) % contestants.length;
      const result = await once(contestants[i]!);
      if (round >= warmUp) taken[i]!.push(result);
    }
  }
  return taken;
}

/** Contestants that run in this process. */
export async function race(contestants: readonly Contestant[], rounds: number): Promise<readonly Timed[]> {
  const once = async (contestant: Contestant) => {
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    await contestant.run();
    const milliseconds = performance.now() - started;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { milliseconds, cpuMilliseconds: (user + system) / 1000 };
  };
  const taken = await takeTurns(contestants, { rounds, warmUp: 1, once });
  return contestants.map(({ name }, i) => ({
    name,
    milliseconds: taken[i]!.map(({ milliseconds }) => milliseconds),
    cpuMilliseconds: taken[i]!.map(({ cpuMilliseconds }) => cpuMilliseconds),
  }));
}

export function summaryOf(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Relative to another's of the same round: what a busy machine does to one it mostly does to both. */
export function ratioOf(of: Timed, base: Timed, what: 'milliseconds' | 'cpuMilliseconds'): Summary {
  return summaryOf(of[what].map((value, round) => value / base[what][round]!));
}
