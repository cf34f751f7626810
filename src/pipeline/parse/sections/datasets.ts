import type { Dataset, DatasetSource } from '../../../domain/pipeline/pipeline.js';
import { type BuildContext, buildTemplate } from '../context.js';
import { checkedGlob, checkedPath } from '../paths.js';
import type { RawDataset } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { buildChecks } from './data-checks.js';
import { buildRemote } from './remote-source.js';
import { buildWindow } from './training-window.js';

type RawDatasets = Readonly<Record<string, RawDataset>>;

/** All datasets. A query contains the datasets that it names; a query that leads back to itself is reported. */
export const buildDatasets = (raw: RawDatasets, context: BuildContext): readonly Dataset[] =>
  Object.keys(raw).flatMap((name) => {
    const built = buildDataset(name, raw, [], context);
    return built === undefined ? [] : [built];
  });

function buildDataset(
  name: string,
  all: RawDatasets,
  within: readonly string[],
  context: BuildContext,
): Dataset | undefined {
  const raw = all[name];
  if (raw === undefined) return undefined;
  const path: YamlPath = ['datasets', name];
  const { schema, ...checks } = raw.checks ?? {};
  return {
    name,
    source:
      raw.source === undefined
        ? buildSource(raw.path ?? [], { all, within: [...within, name], context })
        : { kind: 'paths', patterns: [] },
    remote: buildRemote(raw, path, context),
    isMade: false,
    time: raw.time,
    window: buildWindow(raw, path, context.report),
    checks: {
      ...buildChecks(checks, [...path, 'checks'], context.report),
      schema: schema === undefined ? undefined : checkedPath(schema, [...path, 'checks', 'schema'], context.report),
    },
    at: context.report.position(path),
  };
}

interface Around {
  readonly all: RawDatasets;
  /** The chain of datasets that this one is built for, itself last. */
  readonly within: readonly string[];
  readonly context: BuildContext;
}

function buildSource(raw: NonNullable<RawDataset['path']>, around: Around): DatasetSource {
  const { report } = around.context;
  const path: YamlPath = ['datasets', around.within.at(-1) ?? '', 'path'];
  if (typeof raw === 'object' && !Array.isArray(raw)) return buildQuery(raw.query, [...path, 'query'], around);
  const patterns = typeof raw === 'string' ? [raw] : raw;
  return { kind: 'paths', patterns: patterns.map((pattern) => checkedGlob(pattern, path, report)) };
}

function buildQuery(text: string, path: YamlPath, { all, within, context }: Around): DatasetSource {
  const { report, params } = context;
  const template = buildTemplate(text, path, { kinds: ['dataset', 'param'] }, context);
  const sql = template.flatMap((part): readonly (string | Dataset)[] => {
    if (part.kind === 'text') return [part.text];
    if (part.ref.kind === 'param') return [sqlValue(params[part.ref.name])];
    if (part.ref.kind !== 'dataset') return [];
    const { name } = part.ref;
    if (within.includes(name)) {
      report.at(path, {
        code: 'dataset-cycle',
        message: `dataset "${name}" is read by a query that it is made of: ${[...within, name].join(' → ')}`,
      });
      return [];
    }
    const named = buildDataset(name, all, within, context);
    return named === undefined ? [] : [named];
  });
  report.sql(path, {
    kind: 'query',
    text: sql.map((part) => (typeof part === 'string' ? part : '(SELECT 0 AS refit_table)')).join(''),
    marked: template.map((part) => (part.kind === 'text' ? part.text : '(SELECT 0 AS refit_value)')).join(''),
  });
  return { kind: 'query', sql };
}

/** A param as an SQL literal. */
export function sqlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sqlValue).join(', ')}]`;
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `'${String(value).replaceAll("'", "''")}'`;
}
