import type { Inference, Sample } from '../../src/statistics/inference.ts';
import { sampleOfMean } from '../../src/statistics/samples.ts';
import { momentsOfValues } from './moments.ts';

/** A case of capped values: raw values per arm and how they are capped, at percentiles of all arms or at fixed values. */
export interface CappedInput {
  readonly control: { readonly raw: readonly number[] };
  readonly treatment: { readonly raw: readonly number[] };
  /** Upper percentile; lower ones under any of the names seen. */
  readonly percentile?: number | null;
  readonly upperPercentile?: number | null;
  readonly percentileUpper?: number | null;
  readonly lowerPercentile?: number | null;
  readonly percentileLower?: number | null;
  readonly percentileLow?: number | null;
  readonly percentileHigh?: number | null;
  /** Fixed thresholds. */
  readonly cap?: number | null;
  readonly absoluteCap?: number | null;
  readonly absolute?: number | null;
  readonly upper?: number | null;
  readonly lower?: number | null;
  /** Percentiles of the values above zero; zeros are still capped. */
  readonly ignoreZeros?: boolean;
}

/** Both arms after capping, and the thresholds. */
export interface CappedSamples {
  readonly lower: number | null;
  readonly upper: number | null;
  readonly control: Inference<Sample>;
  readonly treatment: Inference<Sample>;
}

/** Linearly interpolated percentile (numpy's default, SQL's PERCENTILE_CONT). */
function percentileOf(sorted: readonly number[], q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (high - low) * (position - below);
}

/** Caps both arms at one pair of thresholds. The one place to replace by the served path, which computes the caps in SQL. */
export async function cappedSamples(input: CappedInput): Promise<CappedSamples> {
  const all = [...input.control.raw, ...input.treatment.raw];
  const sorted = (input.ignoreZeros ? all.filter((value) => value > 0) : all).toSorted((a, b) => a - b);
  const at = (q: number | null | undefined) => (q === null || q === undefined ? null : percentileOf(sorted, q));
  const upper =
    at(input.percentile ?? input.upperPercentile ?? input.percentileUpper ?? input.percentileHigh) ??
    input.cap ??
    input.absoluteCap ??
    input.absolute ??
    input.upper ??
    null;
  const lower = at(input.lowerPercentile ?? input.percentileLower ?? input.percentileLow) ?? input.lower ?? null;
  const clip = (value: number) =>
    Math.max(lower ?? Number.NEGATIVE_INFINITY, Math.min(upper ?? Number.POSITIVE_INFINITY, value));
  return {
    lower,
    upper,
    control: sampleOfMean(momentsOfValues(input.control.raw.map(clip))),
    treatment: sampleOfMean(momentsOfValues(input.treatment.raw.map(clip))),
  };
}
