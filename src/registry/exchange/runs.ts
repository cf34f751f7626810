import { jsonKey, type Unit } from '../../domain/exchange/exchange.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import type { runSealer } from '../integrity/seals.js';
import { type Codec, DanglingFact, type Row, scalar } from './codec.js';

/** An ended run is sent as one unit, with its definition, steps, attempts, links, metrics and traces. */
export const RUN_KIND = 'run';

const RUN =
  `id pipeline file definition_hash trigger_json profile params_json now is_now_given started_at code_json actor
  environment_json process_json status is_tainted finished_at windows_json`.split(/\s+/);
const STEP = 'step role status reasons_json started_at finished_at failure_json fingerprint parts_json'.split(' ');
// Without the process of the attempt, which means nothing on another machine.
const ATTEMPT = 'number log_path started_at finished_at outcome_json'.split(' ');

const names = (columns: readonly string[], prefix = ''): string => columns.map((one) => prefix + one).join(', ');
const marks = (columns: readonly string[]): string => columns.map(() => '?').join(', ');

/** Ids of ended runs that the remote does not have. Oldest first, so that the source of a restored step precedes it. */
export const unsentRuns = ({ statement }: Codec, remote: number): readonly string[] =>
  statement(
    `SELECT id FROM run WHERE status <> 'running' AND NOT EXISTS
       (SELECT 1 FROM sent WHERE remote = ? AND kind = '${RUN_KIND}' AND key = json_array(run.id))
     ORDER BY started_at, id`,
  )
    .all(remote)
    .map((row) => String(row.id));

export function runUnit({ statement }: Codec, id: string): Unit {
  const run = statement(`SELECT ${names(RUN)} FROM run WHERE id = ?`).get(id);
  const definition = statement('SELECT text FROM definition WHERE hash = ?').get(run?.definition_hash ?? null);
  const steps = statement(
    `SELECT e.id, ${names(STEP, 'e.')}, s.run AS source_run,
       (SELECT count(*) FROM step_execution AS b WHERE b.run = s.run AND b.id < s.id) AS source_place
     FROM step_execution AS e LEFT JOIN step_execution AS s ON s.id = e.source WHERE e.run = ? ORDER BY e.id`,
  ).all(id);
  const seal = statement("SELECT sha256 FROM seal WHERE kind = 'run' AND key = ?").get(id);
  return {
    kind: RUN_KIND,
    key: jsonKey([id]),
    row: {
      ...run,
      definition: definition?.text ?? null,
      seal: seal?.sha256 ?? null,
      steps: steps.map((step) => stepRow(statement, step)),
    },
  };
}

const ALL: Readonly<Record<string, string>> = {
  attempts: `SELECT ${names(ATTEMPT)} FROM attempt WHERE execution = ? ORDER BY number, id`,
  links: `SELECT l.direction, l.path, a.hash, a.kind, a.size, l.dataset, l.name, l.rows FROM lineage AS l
    JOIN artifact AS a ON a.id = l.artifact WHERE l.execution = ?`,
  metrics: 'SELECT k.key, m.step, m.value FROM metric AS m JOIN metric_key AS k ON k.id = m.key WHERE m.execution = ?',
  traced: 'SELECT direction, path FROM traced_use WHERE execution = ?',
};

function stepRow(statement: Codec['statement'], { id, source_run, source_place, ...step }: Row): JsonObject {
  const isTraced = statement('SELECT 1 AS n FROM traced_execution WHERE execution = ?').get(id ?? null) !== undefined;
  return {
    ...step,
    source: source_run === null || source_run === undefined ? null : [source_run, source_place ?? 0],
    is_traced: isTraced,
    ...Object.fromEntries(
      Object.entries(ALL).map(([name, sql]) => [
        name,
        statement(sql)
          .raw()
          .all(id ?? null) as unknown as Json,
      ]),
    ),
  };
}

/** Hashes of the outputs of a run's steps and of its uncommitted changes. */
export function hashesOfRun(unit: Unit): readonly string[] {
  const steps = unit.row.steps as readonly JsonObject[];
  const code = JSON.parse(String(unit.row.code_json)) as JsonObject;
  return [
    ...steps.flatMap((step) =>
      (step.links as readonly (readonly Json[])[])
        .filter(([direction]) => direction === 'wrote' && (step.status === 'succeeded' || step.status === 'restored'))
        .map(([, , hash]) => String(hash)),
    ),
    ...(typeof code.diff === 'string' ? [code.diff] : []),
  ];
}

/** Hashes of content that a run's steps read. */
export const readsOfRun = (unit: Unit): readonly string[] =>
  (unit.row.steps as readonly JsonObject[]).flatMap((step) =>
    (step.links as readonly (readonly Json[])[])
      .filter(([direction]) => direction === 'read')
      .map(([, , hash]) => String(hash)),
  );

/** Inserts a remote run with the same seal. Its steps are not fresh here, because the outputs are not in this workspace. */
export function insertRun(codec: Codec, unit: Unit, seal: ReturnType<typeof runSealer>): void {
  const { statement } = codec;
  const { row } = unit;
  const id = scalar(row.id ?? null);
  statement('INSERT OR IGNORE INTO definition VALUES (?, ?)').run(
    scalar(row.definition_hash ?? null),
    scalar(row.definition ?? null),
  );
  statement(`INSERT INTO run(${names(RUN)}) VALUES (${marks(RUN)})`).run(
    ...RUN.map((column) => scalar(row[column] ?? null)),
  );
  for (const step of row.steps as readonly JsonObject[]) insertStep(codec, String(id), String(row.pipeline), step);
  if (row.seal === null || row.seal === undefined) return;
  seal(String(id) as Parameters<typeof seal>[0]);
  const sealed = statement("SELECT sha256 FROM seal WHERE kind = 'run' AND key = ?").get(id)?.sha256;
  if (sealed !== row.seal) throw new DanglingFact(`run ${id} is not the one that was sealed`);
}

function insertStep({ statement }: Codec, run: string, pipeline: string, step: JsonObject): void {
  const source = step.source as readonly Json[] | null;
  const from =
    source === null
      ? undefined
      : statement('SELECT id FROM step_execution WHERE run = ? ORDER BY id LIMIT 1 OFFSET ?').get(
          scalar(source[0] ?? null),
          scalar(source[1] ?? null),
        );
  const id = statement(
    `INSERT INTO step_execution(run, pipeline, source, ${names(STEP)}) VALUES (?, ?, ?, ${marks(STEP)})`,
  ).run(run, pipeline, from?.id ?? null, ...STEP.map((column) => scalar(step[column] ?? null))).lastInsertRowid;
  const execution = Number(id);
  const rowsOf = (name: string) => (step[name] as readonly (readonly Json[])[]).map((row) => row.map(scalar));
  for (const attempt of rowsOf('attempts'))
    statement(`INSERT INTO attempt(execution, ${names(ATTEMPT)}) VALUES (?, ${marks(ATTEMPT)})`).run(
      execution,
      ...attempt,
    );
  for (const [
    direction = '',
    path = '',
    hash = '',
    kind = '',
    size = 0,
    dataset = null,
    name = null,
    rows = null,
  ] of rowsOf('links')) {
    statement('INSERT OR IGNORE INTO artifact(hash, kind, size) VALUES (?, ?, ?)').run(hash, kind, size);
    statement('INSERT INTO lineage SELECT ?, ?, ?, id, ?, ?, ? FROM artifact WHERE hash = ?').run(
      execution,
      direction,
      path,
      dataset,
      name,
      rows,
      hash,
    );
  }
  for (const [key = '', at = 0, value = 0] of rowsOf('metrics')) {
    statement('INSERT OR IGNORE INTO metric_key(key) VALUES (?)').run(key);
    statement('INSERT INTO metric SELECT ?, id, ?, ? FROM metric_key WHERE key = ?').run(execution, at, value, key);
  }
  for (const [direction = '', path = ''] of rowsOf('traced'))
    statement('INSERT INTO traced_use VALUES (?, ?, ?)').run(execution, direction, path);
  if (step.is_traced === true)
    statement('INSERT INTO traced_execution VALUES (?, ?, ?)').run(execution, pipeline, scalar(step.step ?? null));
}
