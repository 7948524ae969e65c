import { Arg, Ctx, Field, Float, Int, ObjectType } from 'type-graphql';
import { shortInstant } from '../../core/instant.ts';
import type { SqlDialectName } from '../../core/vocabulary.ts';
import type { ScanEstimate } from '../../engine/engine.ts';
import type { StatementRecord, Trace } from '../../evaluate/trace.ts';
import type { ResultRow } from '../../experiment/result-row.ts';
import type { Session } from '../../experiment/session.ts';
import { auditOf } from '../../models/line/audited.ts';
import { isReproducible } from '../../plan/reproducible.ts';
import type { RequestContext } from '../context.ts';
import { SqlDialectEnum } from '../enums.ts';
import { DateTime, JsonValue, SafeInt } from '../scalars.ts';

@ObjectType({ description: 'A SQL statement: paste it with its parameters, and it gives the same numbers.' })
export class Statement {
  readonly record: StatementRecord;
  constructor(record: StatementRecord) {
    this.record = record;
  }

  @Field(() => String) sql(): string {
    return this.record.sql;
  }
  @Field(() => JsonValue, { description: 'In the order of their placeholders.' }) parameters(): unknown {
    return this.record.parameters;
  }
  @Field(() => SqlDialectEnum) dialect(): string {
    return this.record.dialect;
  }
  @Field(() => String) purpose(): string {
    return this.record.purpose;
  }
  @Field(() => String, { description: 'Over text and parameters.' }) hash(): string {
    return this.record.hash;
  }
  @Field(() => Boolean, { description: 'Its text depends on data that were not read.' }) template(): boolean {
    return this.record.template;
  }
  @Field(() => String, { nullable: true }) engineQueryId(): string | null {
    return this.record.engineQueryId;
  }
  @Field(() => Float, { nullable: true }) elapsedMs(): number | null {
    return this.record.elapsedMs;
  }
  @Field(() => SafeInt, { nullable: true }) rows(): number | null {
    return this.record.rows;
  }
  @Field(() => SafeInt, { nullable: true }) scannedRows(): number | null {
    return this.record.scannedRows;
  }
  @Field(() => SafeInt, { nullable: true }) scannedBytes(): number | null {
    return this.record.scannedBytes;
  }
  @Field(() => Int, { description: 'How many questions of the request it answers.' }) requests(): number {
    return this.record.questions;
  }
}

@ObjectType({
  description:
    "Where a node's numbers come from, enough to recompute them: the statements that fed its other selected fields; empty if none.",
})
export class Provenance {
  readonly #trace: Trace;
  readonly #context: RequestContext;
  readonly #asOf: string;
  readonly #row: ResultRow | null;
  /** `row`: the result that it is of. */
  constructor(trace: Trace, context: RequestContext, asOf: string, row: ResultRow | null = null) {
    this.#trace = trace;
    this.#context = context;
    this.#asOf = asOf;
    this.#row = row;
  }

  @Field(() => [Statement])
  async statements(): Promise<Statement[]> {
    return (await this.#trace.statements()).map((record) => new Statement(record));
  }

  @Field(() => String) catalogHash(): string {
    return this.#context.session.catalog.hash;
  }
  @Field(() => DateTime, { nullable: true }) dataAsOf(): string {
    return this.#asOf;
  }
  @Field(() => DateTime) computedAt(): string {
    return shortInstant(this.#context.service.clock().toISOString());
  }
  @Field(() => Boolean) cached(): boolean {
    return false;
  }
  @Field(() => Boolean, { description: 'Whether all of it comes from built tables of the models.' })
  async materialized(): Promise<boolean> {
    const statements = await this.#trace.statements();
    return statements.length > 0 && statements.every(({ built }) => built);
  }
  @Field(() => Boolean, {
    description: 'Whether asOf also cuts on arrival. Without it, rows that arrive late change the past.',
  })
  async reproducible(): Promise<boolean> {
    const statements = await this.#trace.statements();
    const { catalog } = this.#context.session;
    return statements.length > 0 && statements.every(({ sources }) => isReproducible(catalog, sources));
  }
  @Field(() => String, {
    nullable: true,
    description:
      "One self-contained statement that gives a result's means, difference, lift, intervals and p-value from the raw rows: paste it and run it. null: not of a result; or clusters were randomised, the estimate is stratified, the allocation changed, or the test is group-sequential, which SQL does not say.",
  })
  async auditSql(
    @Arg('dialect', () => SqlDialectEnum, { nullable: true, description: "Left out: the engine's." })
    dialect: SqlDialectName | null,
  ): Promise<string | null> {
    if (this.#row === null) return null;
    const { session, service } = this.#context;
    return auditOf(session, this.#row, dialect ?? service.engine.dialect);
  }
}

@ObjectType({ description: 'The statements that a document would run.' })
export class QueryPlan {
  readonly #records: readonly StatementRecord[];
  #estimate: Promise<ScanEstimate> | null = null;
  constructor(records: readonly StatementRecord[]) {
    this.#records = records;
  }

  @Field(() => [Statement]) statements(): Statement[] {
    return this.#records.map((record) => new Statement(record));
  }
  @Field(() => SafeInt, {
    nullable: true,
    description:
      'What they would read together, by the planner of the engine; null: unknown for one of them, or for all.',
  })
  async estimatedRows(@Ctx() { session }: RequestContext): Promise<number | null> {
    return (await this.#scan(session)).rows;
  }
  @Field(() => SafeInt, { nullable: true, description: 'As estimatedRows.' })
  async estimatedBytes(@Ctx() { session }: RequestContext): Promise<number | null> {
    return (await this.#scan(session)).bytes;
  }

  /** Asked once, whichever of the fields are selected. */
  #scan({ evaluator }: Session): Promise<ScanEstimate> {
    this.#estimate ??= evaluator.estimate(this.#records);
    return this.#estimate;
  }
}
