/** A catalog of files whose names and words mean something to SQL, Jinja, YAML or Python. */
export const ODD_CATALOG = {
  'a.csv': 'user_id,variant,at\n1,a,2026-03-21T00:00:00Z\n2,b,2026-03-21T00:00:00Z\n',
  "it's $5.csv": 'user_id,at,word\n1,2026-03-22T00:00:00Z,{# x #}\n2,2026-03-22T00:00:00Z,y\n',
  'catalog.yaml': `
sources:
  assignments: { kind: assignments, file: a.csv, unit: user_id, variant: variant, timestamp: at }
  events: { kind: facts, file: "it's $5.csv", unit: user_id, timestamp: at }
  queried: { kind: facts, sql: "select 1 as user_id, '{# y #}' as word", unit: user_id }
metrics:
  visits: { type: mean, source: events, value: { where: "word = '{# x #}'" }, title: "{{ not_jinja }} {% if %} {#", description: "a: 'b' \\"c\\" {{ ref('nothing') }}" }
  words: { type: mean, source: queried, value: { where: "word = '{# y #}'" } }
experiments:
  e: { start: 2026-03-20T00:00:00Z, variants: { a: { weight: 0.5, control: true }, b: { weight: 0.5 } }, goals: [visits], diagnostics: [words] }
`,
};
