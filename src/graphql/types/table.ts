import { Ctx, Field, Int, ObjectType } from 'type-graphql';
import type { TableCell, TableColumn } from '../../experiment/table.ts';
import type { newTrace, RequestContext } from '../context.ts';
import { ColumnRoleEnum, ColumnTypeEnum, ValueFormatEnum } from '../enums.ts';
import type { Page } from '../paging.ts';
import { JsonValue } from '../scalars.ts';
import { PageInfo, pageInfoOf } from './connection.ts';
import { Provenance } from './provenance.ts';

@ObjectType()
export class Column {
  @Field(() => String) name!: string;
  @Field(() => String) title!: string;
  @Field(() => ColumnTypeEnum) type!: string;
  @Field(() => ColumnRoleEnum) role!: string;
  @Field(() => ValueFormatEnum, { nullable: true }) format!: string | null;
}

/** One page of a flat table: how its rows are read, once one of them is selected. */
export interface TableHandle<T> {
  readonly columns: readonly TableColumn[];
  readonly page: Page<T>;
  readonly cells: (row: T) => Promise<readonly TableCell[]>;
  readonly trace: ReturnType<typeof newTrace>;
  readonly asOf: string;
}

@ObjectType({
  description:
    'Flat rows for tools that know no graphs. Rows never end silently: totalCount and pageInfo always say whether there is more.',
})
export class Table {
  readonly #handle: TableHandle<never>;
  #rows: Promise<readonly (readonly TableCell[])[]> | null = null;
  constructor(handle: TableHandle<never>) {
    this.#handle = handle;
  }

  static of<T>(handle: TableHandle<T>): Table {
    return new Table(handle as unknown as TableHandle<never>); // rows only ever go back into their own `cells`
  }

  #read() {
    this.#rows ??= Promise.all(this.#handle.page.items.map(({ item }) => this.#handle.cells(item)));
    return this.#rows;
  }

  @Field(() => [Column]) columns(): readonly TableColumn[] {
    return this.#handle.columns;
  }
  @Field(() => [JsonValue], { description: 'Each an array in column order.' }) rows() {
    return this.#read();
  }
  @Field(() => [JsonValue], { description: 'Each an object by column name.' })
  async records() {
    const names = this.#handle.columns.map(({ name }) => name);
    return (await this.#read()).map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  }
  @Field(() => Int) totalCount(): number {
    return this.#handle.page.totalCount;
  }
  @Field(() => PageInfo) pageInfo(): PageInfo {
    return pageInfoOf(this.#handle.page);
  }
  @Field(() => Provenance) provenance(@Ctx() context: RequestContext): Provenance {
    return new Provenance(this.#handle.trace, context, this.#handle.asOf);
  }
}
