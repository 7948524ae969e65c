import type { Catalog, Experiment, Metric } from '../../catalog/catalog.ts';
import type { Place } from '../../metric-types/expression.ts';
import { type DefinitionChange, type FieldChange, strongest } from './change.ts';
import { analysisFields, experimentFields } from './experiment-fields.ts';
import { fieldChanges } from './fields.ts';
import { metricFields, versionFields } from './metric-fields.ts';
import { settingFields } from './setting-fields.ts';
import { sourceFields } from './source-fields.ts';

/** How a definition stands to the one of the same name in the other catalog. */
type Kind = DefinitionChange['kind'];

/**
 * What is defined otherwise in the head than in the base, by kind and name. Where a definition stands in which file is no part of
 * it. What an experiment inherits from the catalog's `analysis` is told once, of the catalog.
 */
export function definitionChanges(base: Catalog, head: Catalog): readonly DefinitionChange[] {
  return [
    ...settingChanges(base, head),
    ...paired('SOURCE', base.sources, head.sources, (name, before, after) => {
      const fields = fieldChanges(sourceFields(before, base.directory), sourceFields(after, head.directory));
      return changed('SOURCE', name, fields, after.place);
    }),
    ...paired('METRIC', base.metrics, head.metrics, metricChanges),
    ...paired('EXPERIMENT', base.experiments, head.experiments, (key, before, after) => {
      const own = fieldChanges(experimentFields(before), experimentFields(after));
      return changed('EXPERIMENT', key, [...own, ...ownAnalysisChanges(before, after, { base, head })], after.place);
    }),
  ];
}

function settingChanges(base: Catalog, head: Catalog): readonly DefinitionChange[] {
  const before = settingFields(base);
  return [...settingFields(head)].flatMap(([name, fields]) =>
    changed('SETTING', name, fieldChanges(before.get(name) ?? [], fields), null),
  );
}

function paired<Definition>(
  kind: Kind,
  base: ReadonlyMap<string, Definition>,
  head: ReadonlyMap<string, Definition>,
  compare: (name: string, before: Definition, after: Definition) => readonly DefinitionChange[],
): readonly DefinitionChange[] {
  return [...new Set([...base.keys(), ...head.keys()])].sort().flatMap((name) => {
    const [before, after] = [base.get(name), head.get(name)];
    if (before === undefined) return [whole(kind, name, 'ADDED', placeOf(after!))];
    if (after === undefined) return [whole(kind, name, 'REMOVED', placeOf(before))];
    return compare(name, before, after);
  });
}

function whole(kind: Kind, name: string, change: 'ADDED' | 'REMOVED', place: Place | null): DefinitionChange {
  return { kind, name, version: null, change, effect: 'NUMBERS', rewrites: false, place, fields: [] };
}

/** A metric stands where its current version does. */
function placeOf(definition: unknown): Place | null {
  const { place, versions } = definition as { readonly place?: Place } & Partial<Metric>; // all have one of the two
  return place ?? versions?.at(-1)?.place ?? null;
}

function changed(
  kind: Kind,
  name: string,
  fields: readonly FieldChange[],
  place: Place | null,
): readonly DefinitionChange[] {
  if (fields.length === 0) return [];
  const effect = strongest(fields.map((field) => field.effect));
  return [{ kind, name, version: null, change: 'CHANGED', effect, rewrites: false, place, fields }];
}

function metricChanges(name: string, before: Metric, after: Metric): readonly DefinitionChange[] {
  const words = fieldChanges(metricFields(before), metricFields(after));
  const numbers = [...new Set([...before.versions, ...after.versions].map(({ number }) => number))];
  const versions = numbers.sort((a, b) => a - b).flatMap((number) => versionChange(number, before, after));
  return [...changed('METRIC', name, words, placeOf(after)), ...versions];
}

function versionChange(number: number, before: Metric, after: Metric): readonly DefinitionChange[] {
  const [was, is] = [before, after].map(({ versions }) => versions.find((version) => version.number === number));
  if (was === undefined) return [{ ...whole('METRIC', after.name, 'ADDED', is!.place), version: number }];
  if (is === undefined)
    return [{ ...whole('METRIC', after.name, 'REMOVED', was.place), version: number, rewrites: true }];
  const sameNumbers = was.hash === is.hash;
  const written = fieldChanges(versionFields(was, sameNumbers), versionFields(is, sameNumbers));
  const unseen = !sameNumbers && !written.some(({ effect }) => effect === 'NUMBERS');
  const fields = unseen ? [...written, hashChange(was.hash, is.hash)] : written;
  return changed('METRIC', after.name, fields, is.place).map((change) => ({
    ...change,
    version: number,
    rewrites: !sameNumbers,
  }));
}

const SHOWN_OF_HASH = 12;

/** The definitions read alike and are not, so that only their hashes tell. */
function hashChange(before: string, after: string): FieldChange {
  return {
    field: 'hash',
    before: before.slice(0, SHOWN_OF_HASH),
    after: after.slice(0, SHOWN_OF_HASH),
    effect: 'NUMBERS',
  };
}

/** Changes of an experiment's analysis, without those that it takes over from the catalog's. */
function ownAnalysisChanges(
  before: Experiment,
  after: Experiment,
  { base, head }: { readonly base: Catalog; readonly head: Catalog },
): readonly FieldChange[] {
  const of = (analysis: Experiment['analysis']) => analysisFields(analysis, 'analysis.');
  const inherited =
    base.analysis === undefined || head.analysis === undefined
      ? []
      : fieldChanges(of(base.analysis), of(head.analysis)).map((change) => JSON.stringify(change));
  return fieldChanges(of(before.analysis), of(after.analysis)).filter(
    (change) => !inherited.includes(JSON.stringify(change)),
  );
}
