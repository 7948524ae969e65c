/** Draws from a seeded generator: the same seed gives the same draws on every machine. */
export interface Random {
  /** Uniform on (0, 1), never 0 or 1; a multiple of 2⁻³² plus half of one. */
  uniform(): number;
  /** Standard normal (polar method, Marsaglia & Bray 1964). */
  normal(): number;
  /** Gamma with scale 1, shape > 0 (Marsaglia & Tsang 2000). */
  gamma(shape: number): number;
  /** Poisson (Ahrens & Dieter 1974: by gamma waiting times down to a small mean, then Knuth's product). */
  poisson(mean: number): number;
  /** Binomial, exact for any n: by order statistics, which are beta, down to a small n (Ahrens & Dieter 1974). */
  binomial(n: number, p: number): number;
  /** Units of each arm when each of n goes to one by its weight. */
  multinomial(n: number, weights: readonly number[]): number[];
}

/** FNV-1a (Fowler, Noll & Vo 1991) of a text, to make a seed of a name. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** splitmix32 (after Steele, Lea & Flood 2014): fills a generator's state from one number. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
}

/** sfc32 (Doty-Humphrey, PractRand): 128 bits of state, passes BigCrush and PractRand; a counter keeps cycles long. */
function sfc32(seed: number, stream: string): () => number {
  const fill = splitmix32(seed);
  let [a, b, c, counter] = [fill(), fill() ^ hash(stream), hash(`${stream}#`) ^ fill(), 1];
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let warm = 0; warm < 20; warm++) next();
  return next;
}

/** The generator of one stream of a seed; streams are named, so that adding one leaves the others as they were. */
export function seededRandom(seed: number, stream: string): Random {
  const bits = sfc32(seed, stream);
  let spare: number | null = null;
  const uniform = () => (bits() + 0.5) * 2 ** -32;
  const normal = () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    for (;;) {
      const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
      const square = x * x + y * y;
      if (square >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  };
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const binomial = (n: number, p: number): number => {
    let [successes, left, share] = [0, n, p];
    while (left > 30) {
      const rank = 1 + Math.floor(left / 2);
      const g = gamma(rank);
      const x = g / (g + gamma(left + 1 - rank)); // the rank-th smallest of `left` uniform numbers
      if (x >= share) {
        left = rank - 1;
        share /= x;
      } else {
        successes += rank;
        left -= rank;
        share = (share - x) / (1 - x);
      }
    }
    for (let i = 0; i < left; i++) if (uniform() < share) successes++;
    return successes;
  };
  const poisson = (mean: number): number => {
    let [events, left] = [0, mean];
    while (left > 12) {
      const count = Math.floor((7 * left) / 8);
      const wait = gamma(count);
      if (wait > left) return events + binomial(count - 1, left / wait);
      events += count;
      left -= wait;
    }
    const floor = Math.exp(-left);
    for (let product = uniform(); product > floor; product *= uniform()) events++;
    return events;
  };
  const multinomial = (n: number, weights: readonly number[]) => {
    let [units, weight] = [n, weights.reduce((sum, one) => sum + one, 0)];
    return weights.map((own, i) => {
      const taken = i === weights.length - 1 ? units : binomial(units, Math.min(1, own / weight));
      units -= taken;
      weight -= own;
      return taken;
    });
  };
  return { uniform, normal, gamma, poisson, binomial, multinomial };
}
