import type { ContentHash } from '../../domain/ids.js';
import type { Downstream } from '../../domain/ports/records/run-records.js';
import type { JsonObject } from '../../domain/support/json.js';
import { type Instant, toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { dim, heading, line, moment, plural, short, strong, table, toned } from '../../render/parts/parts.js';

export interface Impact {
  readonly name: string;
  readonly hashes: readonly ContentHash[];
  readonly down: Downstream;
  readonly periods: readonly {
    readonly model: string;
    readonly version: number;
    readonly since: Instant;
    readonly until?: Instant;
  }[];
}

/** Rows of a list shown on screen. The JSON has all of them. */
const SHOWN = 20;

const more = (count: number) =>
  count > SHOWN ? [line(dim(`  … and ${count - SHOWN} more; --json has them all`))] : [];

/** The view of `impact`. */
export function impactView(impact: Impact): View {
  const { name, hashes, down, periods } = impact;
  const made = down.artifacts.filter((one) => !hashes.includes(one.hash));
  const serves = periods.filter((period) => period.until === undefined);
  return {
    json: impactJson(impact, made),
    parts: [
      line(
        strong(name),
        dim(`  sha256 ${hashes.map(short).join(', ')}`),
        ` reached ${plural(down.versions.length, 'model version')}, ${plural(down.runs.length, 'run')} and ${plural(made.length, 'artifact')}`,
      ),
      ...(serves.length === 0
        ? []
        : [line(toned('serving now ', 'warn'), serves.map((one) => `${one.model}@${one.version}`).join(', '))]),
      ...versionParts(impact),
      heading('runs'),
      table(
        ['run', 'pipeline', 'started (UTC)'],
        down.runs.slice(0, SHOWN).map(({ run, pipeline, startedAt }) => [strong(run), pipeline, moment(startedAt)]),
      ),
      ...more(down.runs.length),
      ...artifactParts(made),
    ],
  };
}

const impactJson = ({ name, hashes, down, periods }: Impact, made: Downstream['artifacts']): JsonObject => ({
  subject: name,
  hashes: [...hashes],
  artifacts: made.map(({ path, hash }) => ({ path, hash })),
  runs: down.runs.map(({ run, pipeline, startedAt }) => ({ run, pipeline, started_at: toIso(startedAt) })),
  versions: down.versions.map(({ model, version, hash, run }) => ({ model, version, hash, run })),
  served: periods.map(({ model, version, since, until }) => ({
    model,
    version,
    since: toIso(since),
    until: until === undefined ? null : toIso(until),
  })),
});

function versionParts({ down, periods }: Impact): readonly ViewPart[] {
  if (down.versions.length === 0) return [];
  return [
    heading('model versions'),
    table(
      ['version', 'run', 'served (UTC)'],
      down.versions.slice(-SHOWN).map(({ model, version, run }) => [
        strong(`${model}@${version}`),
        dim(run),
        periods
          .filter((period) => period.model === model && period.version === version)
          .map(({ since, until }) => `${moment(since)} – ${until === undefined ? 'now' : moment(until)}`)
          .join(', ') || dim('never'),
      ]),
    ),
    ...more(down.versions.length),
  ];
}

function artifactParts(made: Downstream['artifacts']): readonly ViewPart[] {
  if (made.length === 0) return [];
  return [
    heading('artifacts'),
    table(
      ['path', 'sha256'],
      made.slice(0, SHOWN).map(({ path, hash }) => [path, dim(short(hash))]),
    ),
    ...more(made.length),
  ];
}
