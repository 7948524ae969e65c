import type { Data } from '../support/service.ts';

/** Whose chart it is: the dataset of `experiment_results`, and the experiment that is shown. */
export interface ChartOf {
  readonly dataset: number;
  readonly experiment: string;
}

/** Columns of the table of lifts. */
export const TABLE_COLUMNS = ['metric', 'treatment', 'lift_lower', 'lift', 'lift_upper', 'unknown'];

const MOST_ROWS = 1000;

/** A table of the lift and its bounds, of one experiment's whole population, as Superset's API makes it. */
export function liftTable(chart: ChartOf): Data {
  const percent = { d3NumberFormat: '+.1%' };
  const params = {
    ...ofExperiment(chart),
    viz_type: 'table',
    query_mode: 'raw',
    all_columns: TABLE_COLUMNS,
    column_config: { lift_lower: percent, lift: percent, lift_upper: percent },
  };
  const query = {
    columns: TABLE_COLUMNS,
    filters: [
      { col: 'experiment', op: '==', val: chart.experiment },
      { col: 'slice_dimension', op: 'IS NULL' },
    ],
    orderby: [['metric', true]],
    row_limit: MOST_ROWS,
  };
  const query_context = JSON.stringify({
    datasource: { id: chart.dataset, type: 'table' },
    queries: [query],
    form_data: params,
    result_format: 'json',
    result_type: 'full',
  });
  return { ...saved('Lift by metric', chart, params), query_context };
}

/** A bar for each metric and treatment, of its lift, as Superset's API makes it. Each is one row, so that the largest of it is it. */
export function liftBars(chart: ChartOf): Data {
  return saved('Lifts', chart, {
    ...ofExperiment(chart),
    viz_type: 'echarts_timeseries_bar',
    x_axis: 'metric',
    metrics: [{ expressionType: 'SQL', sqlExpression: 'max(lift)', label: 'lift' }],
    groupby: ['treatment'],
    orientation: 'horizontal',
    show_legend: false,
    y_axis_format: '+.0%',
  });
}

function ofExperiment({ dataset, experiment }: ChartOf): Data {
  const simple = { clause: 'WHERE', expressionType: 'SIMPLE' };
  return {
    datasource: `${dataset}__table`,
    adhoc_filters: [
      { ...simple, subject: 'experiment', operator: '==', operatorId: 'EQUALS', comparator: experiment },
      { ...simple, subject: 'slice_dimension', operator: 'IS NULL', operatorId: 'IS_NULL' },
    ],
    row_limit: MOST_ROWS,
  };
}

function saved(slice_name: string, { dataset }: ChartOf, params: Data): Data {
  const { viz_type } = params;
  return { slice_name, viz_type, datasource_id: dataset, datasource_type: 'table', params: JSON.stringify(params) };
}
