import type { ParamValue } from '../../../domain/pipeline/pipeline.js';
import {
  isObjects,
  type RemoteSource,
  type SourcePlace,
  type SourceQuery,
  type SourceUrl,
} from '../../../domain/pipeline/remote-source.js';
import { DAY_MS, MINUTE_MS, parseInstant, toIso } from '../../../domain/support/time.js';
import { type BuildContext, buildTemplate, duration, reportQuotedWord } from '../context.js';
import { checkedPath } from '../paths.js';
import type { RawDataset } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { spell, type ValueKind } from '../template.js';
import { quotedBind } from './quoted-binds.js';

type Kind = NonNullable<RawDataset['source']>;
type Key = keyof RawDataset;

/** The keys of each source: those that it needs, and those that it may have. Every source may have the last ones. */
const KEYS: Readonly<Record<Kind, { readonly needs: readonly Key[]; readonly may: readonly Key[] }>> = {
  postgres: { needs: ['url', 'query'], may: ['updated'] },
  mysql: { needs: ['url', 'query'], may: ['updated'] },
  sqlite: { needs: ['path', 'query'], may: ['updated', 'time_format'] },
  duckdb: { needs: ['path', 'query'], may: ['updated'] },
  https: { needs: ['url'], may: ['format'] },
  s3: { needs: ['url'], may: ['format'] },
  gcs: { needs: ['url'], may: ['format'] },
  command: { needs: ['run'], may: ['format', 'secrets'] },
};
const WINDOWS: readonly Key[] = ['from', 'every', 'late', 'on_late'];
/** Keys about windows, which objects have none of. */
const windowsOf = (kind: Kind): readonly Key[] => (kind === 'https' || kind === 's3' || kind === 'gcs' ? [] : WINDOWS);
const COMMON: readonly Key[] = ['source', 'time', 'window', 'checks', 'timeout'];

const FIRST = '1970-01-01T00:00:00.000Z';

/** The remote source of a dataset; `undefined` for files and queries, and where a fault was reported. */
export function buildRemote(raw: RawDataset, path: YamlPath, context: BuildContext): RemoteSource | undefined {
  if (!haveTheirKeys(raw, path, context)) return undefined;
  const place = raw.source === undefined ? undefined : buildPlace(raw.source, raw, { path, context });
  if (place === undefined) return undefined;
  const from = raw.from === undefined ? undefined : parseInstant(raw.from);
  if (raw.from !== undefined && from === undefined)
    context.report.at([...path, 'from'], {
      code: 'bad-time',
      message: `"${raw.from}" is not a time`,
      suggestion: 'write 2026-02-01 or 2026-02-01T03:00:00Z',
    });
  checkWindows(raw, place, path, context);
  return {
    place,
    from: from === undefined ? FIRST : toIso(from),
    everyMs: duration(raw.every),
    lateMs: duration(raw.late) ?? DAY_MS,
    onLate: raw.on_late ?? 'warn',
    updated: raw.updated,
    timeFormat: raw.time_format,
    timeoutMs: duration(raw.timeout) ?? 10 * MINUTE_MS,
  };
}

function haveTheirKeys(raw: RawDataset, path: YamlPath, { report }: BuildContext): boolean {
  const present = (Object.keys(raw) as Key[]).filter((key) => raw[key] !== undefined);
  if (raw.source === undefined) {
    const alone = present.filter((key) => key !== 'path' && !COMMON.includes(key));
    for (const key of alone)
      report.atKey(path, key, {
        code: 'unknown-key',
        message: `"${key}" belongs to a dataset with a source`,
        suggestion: `add source: postgres (or ${Object.keys(KEYS).slice(1).join(', ')})`,
      });
    if (raw.path === undefined && alone.length === 0)
      report.at(path, {
        code: 'missing-key',
        message: `"${path.join('.')}" has neither "path" nor "source"`,
        suggestion: 'add path: data/*.csv, or source: with where its rows are',
      });
    return false;
  }
  const kind = raw.source;
  const { needs, may } = KEYS[kind];
  const missing = needs.filter((key) => raw[key] === undefined);
  for (const key of missing)
    report.at([...path, 'source'], {
      code: 'missing-key',
      message: `source: ${raw.source} needs "${key}"`,
      suggestion: `add it: ${EXAMPLES[key] ?? key}`,
    });
  const odd = present.filter((key) => ![...needs, ...may, ...windowsOf(kind), ...COMMON].includes(key));
  for (const key of odd)
    report.atKey(path, key, {
      code: 'unknown-key',
      message: `source: ${raw.source} has no "${key}"`,
      suggestion: `its keys are ${[...needs, ...may, ...windowsOf(kind), ...COMMON.slice(1)].join(', ')}`,
    });
  return missing.length === 0 && odd.length === 0;
}

const EXAMPLES: Partial<Record<Key, string>> = {
  url: 'url: { from: DATABASE_URL }',
  query: 'query: "select … where at >= ${{ window.from }} and at < ${{ window.until }}"',
  path: 'path: data/rides.db',
  run: 'run: ./export.sh',
};

interface Around {
  readonly path: YamlPath;
  readonly context: BuildContext;
}

function buildPlace(kind: Kind, raw: RawDataset, around: Around): SourcePlace | undefined {
  const { path, context } = around;
  if (kind === 'command')
    return {
      kind,
      script: buildQuery(raw.run ?? '', 'run', ['window-from', 'window-until', 'snapshot-path', 'param'], around),
      format: raw.format ?? 'csv',
      secrets: raw.secrets ?? [],
    };
  if (kind === 'https' || kind === 's3' || kind === 'gcs') {
    const url = raw.url ?? '';
    checkUrl(kind, url, around);
    return raw.format === undefined ? { kind, url } : { kind, url, format: raw.format };
  }
  const query = (): SourceQuery =>
    buildQuery(raw.query ?? '', 'query', ['window-from', 'window-until', 'param'], around);
  if (kind === 'sqlite' || kind === 'duckdb') {
    if (typeof raw.path === 'string')
      return { kind, path: checkedPath(raw.path, [...path, 'path'], context.report), query: query() };
    context.report.at([...path, 'path'], {
      code: 'wrong-type',
      message: `source: ${kind} reads one database file`,
      suggestion: 'write path: data/rides.db',
    });
    return undefined;
  }
  const url = raw.url ?? '';
  checkUrl(kind, url, around);
  return { kind, url, query: query() };
}

const URLS = {
  postgres: { form: /^postgres(ql)?:\/\//i, name: 'PostgreSQL' },
  mysql: { form: /^(mysql|mariadb):\/\//i, name: 'MySQL or MariaDB' },
  https: {
    form: /^(https:\/\/[^/\s]|http:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$))/i,
    name: 'https (http is taken for this machine only)',
  },
  s3: { form: /^s3:\/\/[^/\s]+\/.*[^/]$/i, name: 'objects of S3: s3://bucket/rides/*.csv' },
  gcs: { form: /^(gs|gcs):\/\/[^/\s]+\/.*[^/]$/i, name: 'objects of Google Cloud Storage: gs://bucket/rides/*.csv' },
};

/** A password in a file that is committed is known to everybody who can read the repository. */
function checkUrl(kind: keyof typeof URLS, url: SourceUrl, { path, context }: Around): void {
  if (typeof url !== 'string') return;
  const { form, name } = URLS[kind];
  const fault = /^[a-z0-9+.-]+:\/\/[^/\s]*:[^/\s]*@|[?&](ssl)?password=/i.test(url)
    ? 'holds a password, which does not belong into a pipeline file'
    : form.test(url)
      ? undefined
      : `is none of ${name}`;
  if (fault !== undefined)
    context.report.at([...path, 'url'], {
      code: 'bad-url',
      message: `the URL ${fault}`,
      suggestion: 'put it in an environment variable: url: { from: DATABASE_URL }',
    });
}

function buildQuery(
  text: string,
  key: 'query' | 'run',
  kinds: readonly ValueKind[],
  { path, context }: Around,
): SourceQuery {
  const at = [...path, key];
  checkQuotes(text, key, at, context);
  return buildTemplate(text, at, { kinds }, context).flatMap((part): SourceQuery => {
    if (part.kind === 'text') return [part.text];
    const { ref } = part;
    if (ref.kind === 'window-from' || ref.kind === 'window-until' || ref.kind === 'snapshot-path')
      return [{ bind: ref.kind }];
    if (ref.kind !== 'param') return [];
    const value = context.params[ref.name];
    if (value === undefined) return [];
    if (!isList(value)) return [{ bind: 'param', name: ref.name, value }];
    context.report.at(at, {
      code: 'wrong-type',
      message: `\${{ ${spell(ref)} }} is a list, which cannot be bound as one value`,
      suggestion: 'use a param of one value, or write the list in the query',
    });
    return [];
  });
}

/** A query has its values bound beside its text; a script has each as one quoted word. */
function checkQuotes(text: string, key: 'query' | 'run', at: YamlPath, { report }: BuildContext): void {
  if (key === 'run') {
    reportQuotedWord(text, at, report);
    return;
  }
  const quoted = quotedBind(text);
  if (quoted === undefined) return;
  const { value, isComment } = quoted;
  report.at(at, {
    code: 'quoted-value',
    message: isComment
      ? `${value} stands in a comment, where nothing can be bound`
      : `${value} stands inside quotes: it is bound as a value, never pasted into the text`,
    suggestion: isComment ? 'take it out of the comment' : `remove the quotes: write ${value} bare`,
  });
}

const isList = (value: ParamValue): value is readonly ParamValue[] => Array.isArray(value);

/** Windows make sense only if the query or command is told where they begin and end. */
function checkWindows(raw: RawDataset, place: SourcePlace, path: YamlPath, { report }: BuildContext): void {
  if (isObjects(place)) return;
  const asked = 'query' in place ? place.query : place.script;
  const binds = new Set(asked.flatMap((part) => (typeof part === 'string' ? [] : [part.bind])));
  const isWindowed = binds.has('window-from') && binds.has('window-until');
  const one = (['from', 'every', 'late', 'on_late'] as const).find((key) => raw[key] !== undefined);
  if (one !== undefined && !isWindowed)
    report.atKey(path, one, {
      code: 'wrong-condition',
      message: `"${one}" has no effect: the ${place.kind === 'command' ? 'command' : 'query'} does not use both bounds of a window`,
      suggestion: 'write … where at >= ${{ window.from }} and at < ${{ window.until }}',
    });
  else if (raw.every !== undefined && raw.from === undefined)
    report.atKey(path, 'every', {
      code: 'missing-key',
      message: '"every" needs "from", the start of the first window',
      suggestion: 'add from: 2026-01-01',
    });
}
