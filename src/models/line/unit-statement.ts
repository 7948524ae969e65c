import type { Experiment, MetricVersion } from '../../catalog/catalog.ts';
import { earliest, shortInstant } from '../../core/instant.ts';
import type { SqlDialectName } from '../../core/vocabulary.ts';
import { historyOf } from '../../experiment/history.ts';
import type { Session } from '../../experiment/session.ts';
import { covariateVariables } from '../../plan/covariates.ts';
import { aliasMetrics } from '../../plan/measures.ts';
import { unitValues } from '../../plan/unit-values.ts';
import { DIALECTS } from '../../sql/dialects/index.ts';
import { textOf } from '../../sql/literal.ts';
import { ident, sql } from '../../sql/sql.ts';
import { as, list, statement } from '../../sql/statement.ts';
import { headComments, withPlainComments } from './comments.ts';
import { withReadFiles } from './self-contained.ts';

/** Days of the source's history that a metric is shown over where no experiment has it. */
const LOOKBACK_DAYS = 28;

/**
 * One statement that gives a metric's value of each unit: unit, variant and each variable, null where the unit does not count, and
 * the same before the assignment for a metric with a covariate. Over the newest experiment that has the metric, else over the
 * units of its source's latest four weeks. Values are as before a cap of totals, whose thresholds may come from all of them.
 */
export function unitStatement(session: Session, metric: MetricVersion, name: SqlDialectName): string {
  const dialect = DIALECTS[name];
  const catalog = name === 'DUCKDB' ? withReadFiles(session.catalog) : session.catalog;
  const experiment = exampleOf(session, metric);
  const [aliased] = aliasMetrics([metric]);
  const values = unitValues(catalog, dialect, {
    populations: [{ experiment, where: null, asOf: session.now }],
    metrics: [aliased!],
    maturity: 'REQUIRED',
    ...{ sliceBy: [], slices: [], strata: null },
    quality: () => false,
    capping: () => false,
    covariates: () => true,
    idleAreNull: () => false,
    more: () => new Map([['arm', ident('x', 'arm')]]),
  });
  const before = values.hasCovariates(aliased!) ? covariateVariables(aliased!.metric) : [];
  const columns = [...aliased!.metric.variables, ...before].map((variable) =>
    as(ident('u', values.columns.nameOf(aliased!, variable)), variable.name),
  );
  const select = sql`select\n  ${list([ident('u', 'unit'), ident('c', 'variant'), ...columns])}\nfrom units as u\njoin configured as c on ${ident('c', 'arm')} = ${ident('u', 'arm')}`;
  const head = [
    `Metric ${metric.metric}, version ${metric.number}, definition ${metric.hash}: its value of each unit; null: the unit does not count.`,
    `Units of ${experiment.key} as of ${shortInstant(session.now)}.`,
    ...(metric.cap === null || metric.cap.per === 'event' ? [] : ['Totals are as before the cap.']),
  ];
  return `${headComments(head)}\n${textOf(statement(withPlainComments([...values.before, values.units('unit')]), select, dialect.reuse))}\n`;
}

/** The experiment with the metric that began last, but for drafts; else the history of the metric's source. */
function exampleOf(session: Session, metric: MetricVersion): Experiment {
  const started = ({ start }: Experiment) => earliest(start) ?? '';
  const withMetric = [...session.catalog.experiments.values()]
    .filter(({ status, metrics }) => status !== 'DRAFT' && metrics.some((member) => member.metric === metric.metric))
    .filter((experiment) => started(experiment) <= session.now)
    .sort((a, b) => (started(a) < started(b) ? -1 : 1));
  return withMetric.at(-1) ?? historyOf(session, metric, { asOf: session.now, lookbackDays: LOOKBACK_DAYS }).experiment;
}
