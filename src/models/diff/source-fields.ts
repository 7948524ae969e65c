import { relative } from 'node:path';
import type { Relation, Source } from '../../catalog/catalog.ts';
import { type Field, field, fieldsOf, showSeconds } from './fields.ts';

/** What a source says; `directory`: the catalog's, from which files are named. */
export function sourceFields(source: Source, directory: string): readonly Field[] {
  const { name, place, fieldPlaces, columns, relation, ...own } = source;
  const shared = relationFields(relation, directory);
  switch (own.kind) {
    case 'assignments': {
      const { dimensions, ...rest } = own;
      return [
        ...shared,
        ...fieldsOf(rest, 'NUMBERS'),
        ...field('dimensions', dimensions.map((dimension) => dimension.name).join(', ') || null, 'NUMBERS'),
        ...dimensions.flatMap((dimension) => [
          ...field(`dimensions.${dimension.name}.column`, dimension.column, 'NUMBERS'),
          ...field(`dimensions.${dimension.name}.title`, dimension.title, 'WORDS'),
        ]),
      ];
    }
    case 'facts': {
      const { id, ...rest } = own;
      return [
        ...shared,
        ...fieldsOf(rest, 'NUMBERS'),
        ...field('id.column', id?.column, 'NUMBERS'),
        ...field('id.within', showSeconds(id?.within), 'NUMBERS'),
      ];
    }
    default:
      return [...shared, ...fieldsOf(own, 'NUMBERS')];
  }
}

function relationFields(relation: Relation, directory: string): readonly Field[] {
  switch (relation.kind) {
    case 'table':
      return field('table', relation.name.join('.'), 'NUMBERS');
    case 'file':
      return [
        ...field('file', relative(directory, relation.path), 'NUMBERS'),
        ...field('table', relation.table?.join('.'), 'NUMBERS'),
      ];
    case 'sql':
      return field('sql', relation.query.text, 'NUMBERS');
  }
}
