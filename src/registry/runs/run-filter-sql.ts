import type { FilterValue, PlainField, RunField, RunFilter } from '../../domain/runs/run-filter.js';

interface Sql {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

const PLAIN: Readonly<Record<PlainField, string>> = {
  id: 'r.id',
  pipeline: 'r.pipeline',
  status: 'r.status',
  trigger: "(r.trigger_json ->> 'kind')",
  profile: 'r.profile',
  actor: 'r.actor',
  host: "(r.environment_json ->> 'host')",
  commit: "(r.code_json ->> 'commit')",
  branch: "(r.code_json ->> 'branch')",
  dirty: "(r.code_json ->> 'isDirty')",
  tainted: 'r.is_tainted',
  started: 'r.started_at',
  finished: 'r.finished_at',
  now: 'r.now',
  duration: '((julianday(r.finished_at) - julianday(r.started_at)) * 86400000)',
  model: "(SELECT model || '@' || version FROM model_version WHERE run = r.id LIMIT 1)",
};

/**
 * Last value of a step's metric, but nothing for an imported series that ended in NaN or infinity; without one, the value from
 * the evaluation of the run's version.
 */
const METRIC = `(CASE WHEN r.environment_json ->> ? IS NOT NULL THEN NULL ELSE coalesce(
  (SELECT m.value FROM step_execution AS e
     JOIN metric AS m ON m.execution = CASE WHEN e.status = 'skipped' THEN e.source ELSE e.id END
       AND m.key = (SELECT id FROM metric_key WHERE key = ?)
   WHERE e.run = r.id ORDER BY e.id DESC, m.step DESC LIMIT 1),
  (SELECT v.metrics_json ->> ? FROM model_version AS n JOIN evaluation AS v ON v.model = n.model AND v.version = n.version
   WHERE n.run = r.id ORDER BY v.id DESC LIMIT 1)) END)`;

const path = (name: string): string => `$."${name.replaceAll('"', '\\"')}"`;

function fieldSql(field: RunField): Sql {
  switch (field.kind) {
    case 'plain':
      return { text: PLAIN[field.name], values: [] };
    case 'metric':
      return { text: METRIC, values: [`$.origin.ended${path(field.name).slice(1)}`, field.name, path(field.name)] };
    case 'param':
      return { text: '(r.params_json ->> ?)', values: [path(field.name)] };
    case 'tool':
      return { text: '(r.environment_json ->> ?)', values: [`$.tools."${field.name}"`] };
    case 'step':
      return {
        text: '(SELECT status FROM step_execution WHERE run = r.id AND step = ? ORDER BY id DESC LIMIT 1)',
        values: [field.name],
      };
  }
}

const bound = (value: FilterValue): string | number => (typeof value === 'boolean' ? (value ? 1 : 0) : value);

/** Expands `drift` to all drift triggers, and accepts `-` and `_` in names. */
const triggerKinds = (value: FilterValue): readonly FilterValue[] =>
  value === 'drift'
    ? ['drift', 'data_drift', 'target_drift', 'prediction_drift']
    : [String(value).replaceAll('-', '_'), value];

/** SQL condition on `run AS r` with its bound values. A comparison with a missing field is false. */
export function filterSql(filter: RunFilter): Sql {
  if (filter.kind === 'not') {
    const { text, values } = filterSql(filter.of);
    return { text: `NOT coalesce(${text}, 0)`, values };
  }
  if (filter.kind !== 'compare') {
    const parts = filter.of.map(filterSql);
    return {
      text: `(${parts.map((part) => part.text).join(` ${filter.kind.toUpperCase()} `)})`,
      values: parts.flatMap((part) => part.values),
    };
  }
  return compareSql(filter);
}

function compareSql({ field, operator, values }: Extract<RunFilter, { readonly kind: 'compare' }>): Sql {
  const { text, values: own } = fieldSql(field);
  if (operator === 'missing') return { text: `${text} IS NULL`, values: own };
  if (operator === 'contains') return { text: `instr(${text}, ?) > 0`, values: [...own, String(values[0])] };
  const isTrigger = field.kind === 'plain' && field.name === 'trigger';
  const isList = operator === 'in' || (isTrigger && (operator === '=' || operator === '!='));
  const listed = isTrigger ? values.flatMap(triggerKinds) : values;
  if (isList)
    return {
      text: `${text} ${operator === '!=' ? 'NOT IN' : 'IN'} (${listed.map(() => '?').join(', ')})`,
      values: [...own, ...listed.map(bound)],
    };
  const [value = ''] = values;
  // In SQLite any text compares greater than any number.
  const guard =
    typeof value === 'number' && field.kind === 'param' ? ` AND typeof(${text}) IN ('integer', 'real')` : '';
  return {
    text: `(${text} ${operator} ?${guard})`,
    values: [...own, bound(value), ...(guard === '' ? [] : own)],
  };
}
