import { z } from 'zod';
import { MetricLayerError } from '../core/errors.ts';
import { anomaliesOf, keyOf } from '../experiment/anomalies.ts';
import type { Session } from '../experiment/session.ts';
import { MetricAnomaly } from './types/anomaly.ts';

/** What `MetricAnomaly` writes: experiment, asOf as given, and what tells it from the others. */
const partsSchema = z.tuple([z.literal('MetricAnomaly'), z.string(), z.string().nullable(), z.string()]);

/** The anomaly that an id stands for; null: there is none any more. */
export async function anomalyByParts(session: Session, parts: readonly unknown[]): Promise<MetricAnomaly | null> {
  const read = partsSchema.safeParse(parts);
  if (!read.success) throw new MetricLayerError('BAD_USER_INPUT', 'The id is not one that this service gave.');
  const [, key, asOf, which] = read.data;
  const experiment = session.catalog.experiments.get(key);
  if (experiment === undefined) return null;
  const all = await anomaliesOf(session, experiment, { kinds: null, minSeverity: 'INFO', asOf });
  const found = all.find((anomaly) => keyOf(anomaly) === which);
  return found === undefined ? null : new MetricAnomaly(found, { experiment: key, asOf });
}
