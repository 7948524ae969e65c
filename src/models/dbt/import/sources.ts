import { isColumn } from './filters.ts';
import type { DbtMeasure, SemanticModel } from './manifest.ts';
import { Unsayable } from './unsayable.ts';

/** A source of facts that metrics of dbt's read, as YAML. */
export interface FactsYaml {
  readonly name: string;
  readonly yaml: Readonly<Record<string, unknown>>;
  /** What the semantic model says of itself. */
  readonly description: string | null;
  /** SQL of the unit of a row. */
  readonly unit: string;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The sources that measures need, each made once: a semantic model has one for each time that its measures go by. */
export class Sources {
  readonly made = new Map<string, FactsYaml>();
  /** What a reader should look at. */
  readonly notes: { readonly subject: string; readonly text: string }[] = [];
  readonly #unit: string;
  readonly #parts: (model: SemanticModel) => readonly string[];

  /** `unit`: the entity that experiments randomise. */
  constructor(unit: string, models: readonly SemanticModel[]) {
    this.#unit = unit;
    const databases = new Set(models.map(({ node_relation }) => node_relation.database ?? null));
    // The one database of all is the engine's to name.
    this.#parts = ({ node_relation: { database, schema_name, alias } }) =>
      databases.size > 1 && database != null ? [database, schema_name, alias] : [schema_name, alias];
  }

  /** The source that a measure reads. */
  of(model: SemanticModel, measure: DbtMeasure): FactsYaml {
    const unit = model.entities.find(({ name }) => name === this.#unit);
    if (unit === undefined)
      throw new Unsayable(`reads the semantic model \`${model.name}\`, which has no entity \`${this.#unit}\``);
    const usual = model.defaults?.agg_time_dimension ?? null;
    const time = measure.agg_time_dimension ?? usual;
    const name = time === usual ? model.name : `${model.name}_by_${time}`;
    const known = this.made.get(name);
    if (known !== undefined) return known;
    const dimension = model.dimensions.find((one) => one.name === time);
    const made = this.#make(
      name,
      model,
      unit.expr ?? unit.name,
      dimension === undefined ? null : (dimension.expr ?? dimension.name),
    );
    this.made.set(name, made);
    const grain = dimension?.type_params?.time_granularity ?? null;
    if (grain !== null && ['day', 'week', 'month', 'quarter', 'year'].includes(grain))
      this.notes.push({
        subject: `source ${name}`,
        text: `its time \`${time}\` is of the granularity ${grain}; if the column is a date, say \`timestamp: { column: …, grain: day }\``,
      });
    return made;
  }

  #make(name: string, model: SemanticModel, unit: string, time: string | null): FactsYaml {
    const table = this.#parts(model);
    const computed = [
      ...(isColumn(unit) ? [] : [`(${unit}) as liftql_unit`]),
      ...(time === null || isColumn(time) ? [] : [`(${time}) as liftql_time`]),
    ];
    const relation =
      computed.length > 0
        ? { sql: `select *, ${computed.join(', ')} from ${table.map(quoted).join('.')}` }
        : { table: table.some((part) => part.includes('.')) ? table : table.join('.') };
    const timestamp = time === null ? {} : { timestamp: isColumn(time) ? time : 'liftql_time' };
    const yaml = { kind: 'facts', ...relation, unit: isColumn(unit) ? unit : 'liftql_unit', ...timestamp };
    return { name, yaml, description: model.description || null, unit };
  }
}
