import { MetricLayerError } from '../../core/errors.ts';
import type { Model, ModelName } from '../model.ts';
import { downstreamOf, upstreamOf } from './in-order.ts';

/**
 * The models that `--select` names: `name`, `+name` with all that it is made from, `name+` with all that is made from it, `+name+`;
 * several between commas. null: all. In the order in which they are built.
 */
export function selectModels(ordered: readonly Model[], select: string | null): readonly Model[] {
  if (select === null) return ordered;
  const wanted = new Set<ModelName>();
  for (const term of select.split(',').map((part) => part.trim())) {
    const [, before, text, after] = /^(\+?)([^+]*)(\+?)$/.exec(term) ?? [];
    const model = ordered.find(({ name }) => name === text);
    if (model === undefined) throw unknown(term, ordered);
    const alone = new Set([model.name]);
    for (const name of alone) wanted.add(name);
    if (before) for (const name of upstreamOf(ordered, alone)) wanted.add(name);
    if (after) for (const name of downstreamOf(ordered, alone)) wanted.add(name);
  }
  return ordered.filter(({ name }) => wanted.has(name));
}

function unknown(term: string, models: readonly Model[]): MetricLayerError {
  return new MetricLayerError(
    'BAD_USER_INPUT',
    `--select: "${term}" is no model. Name some of ${models.map(({ name }) => name).join(', ')}, with + before for what they are made from, + after for what is made from them, and commas between.`,
  );
}
