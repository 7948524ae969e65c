import { expect } from 'vitest';
import type { Row } from '../../../src/engine/engine.ts';
import { ask, type Data, type TestService } from '../../support/service.ts';
import { relativeError } from '../support.ts';
import type { Rows } from './rows.ts';

const SUMMARIES = 'query S($asOf: DateTime) { experimentSummaries(asOf: $asOf, first: 500) { records totalCount } }';
const SRM = `query S($asOf: DateTime, $dimension: String!, $sliced: Boolean!) { experiments(first: 100) { nodes { key sampleRatioMismatch(asOf: $asOf) {
  stages { stage pValue } timeline { date pValue }
  bySlice(dimension: $dimension) @include(if: $sliced) { value isOther pValue adjustedPValue } } } } }`;

const close = (got: unknown, expected: unknown): boolean =>
  relativeError(got as number | null, expected as number | null) < 1e-9;

/** That the summaries are the API's, but those of which SQL does not say all; the rows. */
export async function compareSummaries(read: Rows, service: TestService, asOf: string): Promise<readonly Row[]> {
  const got = await read('experiment_summary');
  const { experimentSummaries } = await ask(service, SUMMARIES, { asOf });
  const expected = (experimentSummaries.records as Data[]).filter(({ status }) => status !== 'DRAFT');
  expect(got).toHaveLength(expected.length);
  for (const record of expected) {
    const row = got.find(
      ({ experiment, treatment }) => experiment === record.experiment && treatment === record.treatment,
    )!;
    const title = `${record.experiment} ${record.treatment}`;
    const { as_of: _, srm_p_value: p, reasons, ...rest } = record;
    expect([title, close(row.srm_p_value, p)]).toEqual([title, true]);
    if (row.unknown !== null) continue;
    expect({ title, ...row }).toMatchObject({ title, ...rest, reasons: JSON.stringify(reasons) });
  }
  return got;
}

/**
 * That the tests of each experiment's allocation, at each stage, by day and by slice of a dimension, are the API's; how many
 * experiments. `dimension` null: there are no slices.
 */
export async function compareAllocation(
  read: Rows,
  service: TestService,
  { asOf, dimension }: { readonly asOf: string; readonly dimension: string | null },
): Promise<number> {
  const rows = await read('sample_ratio_mismatch');
  const variables = { asOf, dimension: dimension ?? '', sliced: dimension !== null };
  const { experiments } = await ask(service, SRM, variables);
  for (const { key, sampleRatioMismatch: served } of experiments.nodes as Data[]) {
    const own = rows.filter(({ experiment, position }) => experiment === key && position === 0);
    const { stages, timeline, bySlice = [] } = served;
    for (const { stage, pValue } of stages as Data[]) {
      const row = own.find((one) => one.stage === stage && one.date === null && one.slice_dimension === null)!;
      expect([key, stage, close(row.p_value, pValue)]).toEqual([key, stage, true]);
    }
    const days = own.filter(({ date }) => date !== null);
    const dayOf = ({ date }: Row) => String(date).slice(0, 10);
    expect([key, days.map(dayOf).sort()]).toEqual([key, (timeline as Data[]).map(({ date }) => date)]);
    for (const { date, pValue } of timeline as Data[])
      expect([key, date, close(days.find((row) => dayOf(row) === date)!.p_value, pValue)]).toEqual([key, date, true]);
    const slices = own.filter((row) => row.slice_dimension !== null && row.slice_dimension === dimension);
    expect([key, slices.length]).toEqual([key, bySlice.length]);
    for (const { value, isOther, pValue, adjustedPValue } of bySlice as Data[]) {
      const row = slices.find((one) => one.slice_value === (isOther ? '(other)' : value))!;
      const found = [close(row.p_value, pValue), close(row.adjusted_p_value, adjustedPValue)];
      expect([key, value, ...found]).toEqual([key, value, true, true]);
    }
  }
  return experiments.nodes.length;
}
