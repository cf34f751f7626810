import { type NamedColumns, unknownColumns } from '../data/judge/columns/unknown-columns.js';
import type { DriftReport } from '../domain/data/drift.js';
import type { Finding } from '../domain/data/finding.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import { AUTO } from '../domain/pipeline/drift-method.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { DriftOverrides } from './check-drift.js';
import { compareWindow } from './compare-window.js';
import { pastOfTable } from './earlier-windows.js';

interface FilesOptions extends DriftOverrides {
  readonly reference: readonly string[];
  /** The reference, if only its profile is known. */
  readonly profile?: TableProfile;
  readonly current: readonly string[];
  readonly time?: string;
  /** Rows at this time or later are ignored. */
  readonly until?: Instant;
  readonly label?: string;
  readonly ignore: readonly string[];
}

/** Compares two sets of files from the command line. Works outside of a workspace and records nothing. */
export async function checkDriftFiles(
  services: Pick<Services, 'datasets'>,
  options: FilesOptions,
): Promise<Result<DriftReport, Failure>> {
  const source = (paths: readonly string[]): TableSource => ({
    from: { kind: 'files', paths },
    timeColumn: options.time,
    until: options.until,
  });
  const sided = await findTime(services, options);
  if (!sided.ok) return sided;
  const report = await compareFiles(services, options, source);
  return report.ok ? ok({ ...report.value, warnings: [...sided.value, ...report.value.warnings] }) : report;
}

/** Without the time nothing is cut or dated, and other limits hold: it is refused if no table has it. */
async function findTime(
  { datasets }: Pick<Services, 'datasets'>,
  { time, profile, ...options }: FilesOptions,
): Promise<Result<readonly Finding[], Failure>> {
  if (time === undefined) return ok([]);
  const [reference, current] = [
    profile === undefined ? await datasets.columns(filesOf(options.reference)) : ok(namesOf(profile)),
    await datasets.columns(filesOf(options.current)),
  ];
  if (!reference.ok) return reference;
  if (!current.ok) return current;
  const available = [...new Set([...reference.value, ...current.value])];
  if (!available.includes(time))
    return err({
      code: 'not-found',
      what: 'column',
      name: time,
      available,
      namedBy: '--time',
      next: 'name one of them with --time',
    });
  const named = [{ by: '--time', names: [time] }];
  return ok([
    ...unknownColumns(named, reference.value, { tables: 'the reference does not have it' }),
    ...unknownColumns(named, current.value, { tables: 'the current files do not have it' }),
  ]);
}

const filesOf = (paths: readonly string[]): TableSource => ({ from: { kind: 'files', paths } });

const namesOf = ({ columns, time }: TableProfile): readonly string[] => [
  ...columns.map(({ name }) => name),
  ...(time === undefined ? [] : [time.column]),
];

const namedIn = ({ ignore, segments = [], methods, label }: FilesOptions): readonly NamedColumns[] => [
  { by: '--ignore', names: ignore },
  { by: '--segment', names: segments },
  { by: '--method', names: Object.keys(methods?.columns ?? {}) },
  { by: '--label', names: label === undefined ? [] : [label] },
];

async function compareFiles(
  services: Pick<Services, 'datasets'>,
  options: FilesOptions,
  source: (paths: readonly string[]) => TableSource,
): Promise<Result<DriftReport, Failure>> {
  if (options.profile !== undefined)
    return checkAgainstProfile(services, { ...options, profile: options.profile }, source);
  const reference = await services.datasets.profile(source(options.reference));
  if (!reference.ok) return reference;
  return compareWindow(services, {
    reference: reference.value,
    profile: services.datasets.profile,
    segment: (segment) => services.datasets.profile({ ...source(options.reference), segment }),
    table: async () => ok(source(options.reference)),
    applyAnswers: (finding) => finding,
    past: async (current) => ok(pastOfTable(source(options.reference), reference.value, current)),
    isClassified: options.isClassified === true,
    isPlotted: options.isPlotted,
    current: source(options.current),
    ignore: [...options.ignore, ...(options.time === undefined ? [] : [options.time])],
    sources: [options.reference.join(', '), options.current.join(', ')],
    methods: options.methods ?? AUTO,
    segments: options.segments ?? [],
    named: namedIn(options),
    label: options.label,
  });
}

/** Without the reference's rows: what its profile tells, and nothing of earlier windows, segments or single rows. */
async function checkAgainstProfile(
  services: Pick<Services, 'datasets'>,
  options: FilesOptions & { readonly profile: TableProfile },
  source: (paths: readonly string[]) => TableSource,
): Promise<Result<DriftReport, Failure>> {
  const { profile: reference } = options;
  if (options.isClassified === true || (options.segments ?? []).length > 0)
    return err({
      code: 'usage',
      problem: `${options.isClassified === true ? '--classifier' : '--segment'} needs the rows of the reference, and ${options.reference.join(', ')} is a profile without rows`,
      next: 'leave it away, or name a file with the rows under --reference',
    });
  const time = options.time ?? reference.time?.column;
  return compareWindow(services, {
    reference,
    profile: services.datasets.profile,
    segment: async () => ok(reference),
    applyAnswers: (finding) => finding,
    past: async () => ok(undefined),
    isClassified: false,
    isPlotted: options.isPlotted,
    current: { ...source(options.current), timeColumn: options.time },
    ignore: [...options.ignore, ...(time === undefined ? [] : [time])],
    sources: [`profile ${options.reference.join(', ')}, without its rows`, options.current.join(', ')],
    methods: options.methods ?? AUTO,
    segments: [],
    named: namedIn(options),
    label: options.label,
  });
}
