/** The instant that the models are built as of, in SQL: the variable `as_of`, else when the run started, floored to the minute. */
const AS_OF = `{% macro liftql_as_of() -%}
  {%- set stated = var('as_of', none) -%}
  {%- if stated is none -%}
    {%- set instant = run_started_at.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:00.000000') -%}
  {%- else -%}
    {%- set read = modules.datetime.datetime.fromisoformat(stated | string | replace('Z', '+00:00')) -%}
    {%- if read.tzinfo is none -%}
      {{ exceptions.raise_compiler_error("The variable as_of is " ~ stated ~ ", which has no offset. Write it as 2026-03-20T00:00:00Z.") }}
    {%- endif -%}
    {%- set instant = read.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f') -%}
  {%- endif -%}
  {#- A bare timestamp of Trino's cuts microseconds. -#}
  cast('{{ instant }}' as {{ 'timestamp(6)' if target.type == 'trino' else 'timestamp' }})
{%- endmacro %}
`;

/** Fails for each combination of the columns that more than one row has; nulls are alike. */
const UNIQUE_KEY = `{% test liftql_unique_key(model, columns) %}
{%- set key = [] -%}
{%- for column in columns -%}{%- do key.append(adapter.quote(column)) -%}{%- endfor -%}
select {{ key | join(', ') }}, count(*) as "rows"
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
{% endtest %}
`;

/** Fails for each row that has a null in one of the columns: one reading of the table for all of them. */
const NOT_NULL = `{% test liftql_not_null(model, columns) %}
select *
from {{ model }}
where {% for column in columns %}{{ adapter.quote(column) }} is null{% if not loop.last %} or {% endif %}{% endfor %}
{% endtest %}
`;

/** Files of macros, by their names. */
export const MACROS: Readonly<Record<string, string>> = {
  'liftql_as_of.sql': AS_OF,
  'liftql_not_null.sql': NOT_NULL,
  'liftql_unique_key.sql': UNIQUE_KEY,
};
