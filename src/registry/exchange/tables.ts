/**
 * How a column is sent: a version as model and run, another row by its key. `pipeline-version` is a version of the model of
 * the row's pipeline, because the row itself does not name the model.
 */
export type Travel = 'version' | 'pipeline-version' | { readonly row: string };

/** A table whose rows are sent one by one. */
export interface WireTable {
  readonly kind: string;
  /** Columns without the row id. */
  readonly columns: readonly string[];
  /** Columns that identify the fact on every machine. */
  readonly key: readonly string[];
  readonly travel?: Readonly<Record<string, Travel>>;
  readonly hasId?: boolean;
  /** SQL condition for finished facts. Other rows are not sent. */
  readonly where?: string;
  /** Rows that refer to this row's id and are sent inside it. */
  readonly children?: Readonly<Record<string, { readonly parent: string; readonly columns: readonly string[] }>>;
  /** Belongs to an alias move and is sent only together with the ledger. */
  readonly isOfMove?: boolean;
}

const table = (
  kind: string,
  columns: string,
  key: string,
  more: Omit<WireTable, 'kind' | 'columns' | 'key'> = {},
): WireTable => ({ kind, columns: columns.split(' '), key: key.split(' '), ...more });

const VERSION = { version: 'version' } as const;

export const VERSION_KIND = 'model_version';

/** In dependency order. Runs come before all of them, see runs.ts. */
export const TABLES: readonly WireTable[] = [
  // The version number is not part of the key, because the log assigns it.
  table(VERSION_KIND, 'model hash kind size path run fingerprint registered_at', 'model run registered_at'),
  table('retrain_decision', 'id pipeline decision because_json summary actor decided_at now champion', 'id', {
    travel: { champion: 'pipeline-version' },
  }),
  table('decision_conditions', 'decision conditions_json drift_json windows_json', 'decision'),
  table('decision_trigger', 'pipeline trigger attempt decision', 'pipeline trigger decision'),
  table(
    'evaluation',
    'model version run data_hash metrics_json unusable_json slices_json predictions evaluated_at',
    'model version run evaluated_at',
    { travel: VERSION, hasId: true },
  ),
  table(
    'gate_verdict',
    'model candidate candidate_hash champion champion_hash data_hash gate_hash candidate_evaluation champion_evaluation verdict checks_json judged_at',
    'model candidate gate_hash judged_at',
    {
      hasId: true,
      travel: {
        candidate: 'version',
        champion: 'version',
        candidate_evaluation: { row: 'evaluation' },
        champion_evaluation: { row: 'evaluation' },
      },
    },
  ),
  table(
    'approval',
    'model version hash answer reason actor given_at now expires_at',
    'model version answer actor given_at',
    {
      travel: VERSION,
      hasId: true,
    },
  ),
  table('note', 'model version text actor noted_at', 'model text actor noted_at', { travel: VERSION, hasId: true }),
  table('decision_outcome', 'decision outcome run candidate gate from_version to_version at', 'decision', {
    travel: {
      candidate: 'pipeline-version',
      from_version: 'pipeline-version',
      to_version: 'pipeline-version',
      gate: { row: 'gate_verdict' },
    },
  }),
  table('data_look', 'pipeline scope decision run seen_at now', 'pipeline scope seen_at decision run', {
    hasId: true,
    children: {
      finding: { parent: 'look', columns: ['id', 'finding_json'] },
      look_schema: { parent: 'look', columns: ['dataset', 'hash'] },
    },
  }),
  table('resolution', 'finding answer reason actor resolved_at', 'finding actor resolved_at', { hasId: true }),
  table(
    'event',
    'pipeline name from_time until_time effect actor recorded_at',
    'pipeline name from_time until_time effect recorded_at',
    {
      hasId: true,
    },
  ),
  table('trigger_event', 'pipeline name key actor recorded_at now', 'pipeline name key'),
  table('tick', 'pipeline actor started_at now', 'pipeline actor started_at', {
    hasId: true,
    where: 'id IN (SELECT tick FROM tick_end)',
    children: { tick_end: { parent: 'tick', columns: ['decision', 'problem', 'detail', 'ended_at'] } },
  }),
  table('pipeline_act', 'pipeline kind reason actor acted_at now', 'pipeline kind actor acted_at', { hasId: true }),
  table('performance_check', 'pipeline version now checked_at report_json', 'pipeline now checked_at', {
    travel: { version: 'pipeline-version' },
    hasId: true,
  }),
  table(
    'performance_episode',
    'pipeline metric window_ms version opened since facts_json now found_at',
    'pipeline metric window_ms found_at',
    { travel: { version: 'pipeline-version' }, hasId: true },
  ),
  table('performance_episode_end', 'episode because now ended_at', 'episode', {
    travel: { episode: { row: 'performance_episode' } },
  }),
  table('run_schema', 'run dataset hash', 'run dataset'),
  table('table_profile', 'hash kind profile_json', 'hash kind'),
  table('window_profile', 'pipeline window_end profile_json', 'pipeline window_end'),
  table(
    'overtaken_move',
    'model alias generation moved_at run version hash move_json overtaken_at',
    'model alias generation moved_at run',
  ),
  table('renumbered', 'model run former version renumbered_at', 'model run former version'),
  table('owed_hook', 'model alias generation hook', 'model alias generation hook', { isOfMove: true }),
  table(
    'hook_attempt',
    'model alias generation hook outcome started_at ended_at',
    'model alias generation hook started_at',
    {
      hasId: true,
      isOfMove: true,
    },
  ),
  table('hook_end', 'model alias generation hook outcome detail ended_at', 'model alias generation hook', {
    isOfMove: true,
  }),
];

/** Alias moves are sent as part of ledger entries. */
export const MOVE: WireTable = table(
  'alias_move',
  'model alias generation kind from_version to_version to_hash reason is_forced actor gate decision moved_at now approval trigger_kind',
  'model alias generation moved_at',
  {
    hasId: true,
    travel: {
      from_version: 'version',
      to_version: 'version',
      gate: { row: 'gate_verdict' },
      approval: { row: 'approval' },
    },
  },
);

export const tableOf = (kind: string): WireTable | undefined =>
  kind === MOVE.kind ? MOVE : TABLES.find((one) => one.kind === kind);

/** Columns that hold version numbers, for renumbering. */
export const NUMBERED: readonly { readonly table: string; readonly columns: readonly string[] }[] = [
  { table: 'evaluation', columns: ['version'] },
  { table: 'gate_verdict', columns: ['candidate', 'champion'] },
  { table: 'approval', columns: ['version'] },
  { table: 'note', columns: ['version'] },
  { table: 'alias_move', columns: ['from_version', 'to_version'] },
];

/** The same for tables whose rows belong to a pipeline. `pipeline` is SQL that selects it for a row. */
export const NUMBERED_BY_PIPELINE: readonly {
  readonly table: string;
  readonly columns: readonly string[];
  readonly pipeline: string;
}[] = [
  { table: 'retrain_decision', columns: ['champion'], pipeline: 'pipeline' },
  {
    table: 'decision_outcome',
    columns: ['candidate', 'from_version', 'to_version'],
    pipeline: '(SELECT pipeline FROM retrain_decision WHERE id = decision)',
  },
  { table: 'performance_check', columns: ['version'], pipeline: 'pipeline' },
  { table: 'performance_episode', columns: ['version'], pipeline: 'pipeline' },
];
