import type { AssignmentsSummary } from './assignments.ts';

/** At least this share of the exposed units, and at least this many, make a comparison invalid. */
export const MULTI_EXPOSURE_SHARE = 0.01;
export const MULTI_EXPOSURE_UNITS = 10;

export interface MultiExposure {
  readonly units: number;
  /** Of analysed and multi-exposed units together. */
  readonly share: number;
  readonly alarm: boolean;
}

/** Units that were seen in several variants. */
export function multiExposureOf(assignments: AssignmentsSummary): MultiExposure {
  const units = assignments.excluded.find(({ reason }) => reason === 'MULTIPLE_VARIANTS')?.units ?? 0;
  const exposed = assignments.units + units;
  const share = exposed === 0 ? 0 : units / exposed;
  return { units, share, alarm: units >= MULTI_EXPOSURE_UNITS && share >= MULTI_EXPOSURE_SHARE };
}
