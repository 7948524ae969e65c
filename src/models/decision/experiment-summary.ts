import { EXPERIMENT_STATUSES } from '../../core/vocabulary.ts';
import { VERDICTS } from '../../experiment/rules/rule.ts';
import { SUMMARY_COLUMNS } from '../../experiment/summaries-table.ts';
import { ACTIONS } from '../../experiment/summary.ts';
import { ident, type Sql, sql } from '../../sql/sql.ts';
import { as, list, statement } from '../../sql/statement.ts';
import type { Model, ModelColumn } from '../model.ts';
import { AS_OF, asOfSql } from '../tables/shared-columns.ts';
import { allocationSteps, allocationsStep, NOT_IN_SQL } from './allocation.ts';
import { allocationChangeSteps } from './allocation-change.ts';
import { decidedExperiments } from './decided.ts';
import { experimentSteps } from './experiments.ts';
import { blockedSteps } from './freshness.ts';
import { sampleSteps } from './lines.ts';
import { stageCounts, stagesStep } from './stages.ts';
import { testSteps } from './tests.ts';
import { JUDGED, verdictSteps } from './verdict.ts';

/** What is said of each column of `SUMMARY_COLUMNS`. */
const SAID: Readonly<Record<string, Omit<ModelColumn, 'name' | 'type'>>> = {
  experiment: { description: 'Key of the experiment.' },
  name: { description: 'Its name.' },
  owner: { description: 'Who answers for it.', nullable: true },
  status: { description: 'Where it stands at as_of.', values: EXPERIMENT_STATUSES },
  control: { description: 'Key of the control.' },
  treatment: { description: 'Key of the treatment.' },
  verdict: { description: 'The first of the policy rules that holds.', nullable: true, values: VERDICTS },
  recommended_action: { description: 'What the verdict calls for.', nullable: true, values: ACTIONS },
  harm_suspected: {
    description:
      'A goal is worse, or a guardrail by more than its margin: said even where the data are too broken for a verdict.',
    nullable: true,
  },
  reasons: { description: 'JSON list of the codes of the reasons, in order.', nullable: true },
  units: { description: 'Analysed units of all variants.' },
  srm_p_value: { description: 'Sample-ratio mismatch of analysed units.', nullable: true },
  goals: { description: 'Goals that are declared.' },
  goals_better: { description: 'Of them, those that are shown to be better.', nullable: true },
  guardrails: { description: 'Guardrails that are declared.' },
  guardrails_safe: { description: 'Of them, those that are shown to be within their margin.', nullable: true },
  plan_met: { description: 'Whether the plan is reached and the outcomes are mature.', nullable: true },
};

const UNKNOWN: ModelColumn = {
  name: 'unknown',
  type: 'STRING',
  nullable: true,
  values: [NOT_IN_SQL],
  description: `${NOT_IN_SQL}: the decision takes group-sequential boundaries, clusters, strata, changing weights or quantiles of events, which only the API computes; what depends on it is null.`,
};

/** Null where SQL does not say the experiment's tests. */
const OF_TESTS = ['verdict', 'recommended_action', 'harm_suspected', 'goals_better', 'guardrails_safe', 'plan_met'];

/** The verdict on each treatment, as the policy's rules say it, one row an experiment × treatment. */
export const experimentSummary: Model = {
  name: 'experiment_summary',
  materialization: 'table',
  description: 'The verdict on each treatment, as the rules of the policy say it, and what it rests on.',
  columns: () => [
    ...SUMMARY_COLUMNS.filter(({ name }) => name !== AS_OF.name).map(({ name, type }) => ({
      name,
      type,
      ...SAID[name]!, // every column has one
    })),
    UNKNOWN,
    AS_OF,
  ],
  key: ['experiment', 'treatment'],
  uses: ['experiment_assignments', 'experiment_exclusions', 'source_freshness', 'metric_moments'],
  sources: () => [],
  select: (context) => {
    const { catalog, dialect } = context;
    const all = decidedExperiments(catalog);
    const steps = [
      ...experimentSteps(context, all),
      ...blockedSteps(context, all),
      allocationsStep(context),
      stagesStep(context, ['ANALYSED']),
      {
        name: 'analysed',
        comment: 'analysed units by variant and phase',
        query: sql`select "experiment", "variant", "phase", "units"\nfrom ${stageCounts(context)}`,
      },
      ...allocationSteps(context, { from: 'analysed', keys: ['experiment'], cumulative: null }),
      ...allocationChangeSteps(context, all),
      ...sampleSteps(context, all),
      ...testSteps(dialect, all),
      ...verdictSteps(context, all),
    ];
    const of: Readonly<Record<string, Sql>> = {
      goals_better: ident('better'),
      guardrails_safe: ident('within_margin'),
      plan_met: sql`"missing" = 0`,
    };
    const columns = SUMMARY_COLUMNS.filter(({ name }) => name !== AS_OF.name).map(({ name }) => {
      if (name === 'reasons') return as(reasons, name);
      const value = of[name] ?? ident(name);
      return as(OF_TESTS.includes(name) ? sql`case when "unknown" is null then ${value} end` : value, name);
    });
    const select = sql`select\n  ${list([...columns, ident('unknown'), asOfSql(context)])}\nfrom ${ident(JUDGED)}`;
    return statement(steps, select, dialect.reuse);
  },
};

const reasons = sql`case when "unknown" is null then '[' || case when "all_codes" = '' then '' else substr("all_codes", 1, length("all_codes") - 1) end || ']' end`;
