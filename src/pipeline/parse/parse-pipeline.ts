import type { PipelineName, WorkspacePath } from '../../domain/ids.js';
import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { ExecutorName } from '../../domain/pipeline/executor.js';
import type { Dataset, ModelSpec, MonitorSpec, ParamValue, Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import { isRecord } from '../../domain/support/json.js';
import { suggestOne } from '../../domain/support/near-miss.js';
import { HOUR_MS } from '../../domain/support/time.js';
import { canStartWarm } from '../starts-from.js';
import { checkCheckpoints } from './checkpoints.js';
import { createReporter, type FileHome, type PlacedSql, type Reporter } from './collect-diagnostics.js';
import { type BuildContext, duration } from './context.js';
import { type ExpectedFile, expectFiles } from './expected-files.js';
import { connectSteps, markMade } from './graph.js';
import { applyParams, overlay } from './overlay.js';
import { overlaps } from './paths.js';
import type { RawPipeline } from './schema.js';
import { pipelineFile } from './schema.js';
import { buildDatasets } from './sections/datasets.js';
import { buildEnvironment } from './sections/environment.js';
import { buildModel } from './sections/model.js';
import { buildMonitor } from './sections/monitor.js';
import { buildRetrain } from './sections/retrain.js';
import { buildSteps } from './sections/steps.js';
import { checkWindows } from './sections/training-window.js';
import { checkShape } from './shape-diagnostics.js';
import { partsOf } from './source/bundle.js';
import { joinSources } from './source/joined-source.js';
import { readSource, type Source, type YamlPath } from './source/yaml-source.js';
import { valuesOf } from './template.js';

export interface ParsedPipeline {
  /** Absent when there are errors. */
  readonly pipeline?: Pipeline;
  readonly expected: readonly ExpectedFile[];
  /** Paths that steps write, for suggestions. */
  readonly outputs: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Texts that DuckDB's parser has to be asked about. */
  readonly sql: readonly PlacedSql[];
}

export interface ParseOptions extends FileHome {
  readonly profile?: string;
  /** The values of `--param k=v`, as text. */
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * Parses a pipeline file. Reports all faults of a file together, in the order of the file. There is no other reader of
 * pipeline files.
 */
export function parsePipeline(file: WorkspacePath, text: string, options: ParseOptions = {}): ParsedPipeline {
  const source = readFiles(file, text);
  const profileValue = profileOf(source.value, options.profile);
  const report = createReporter(
    source,
    profileValue === undefined ? undefined : { path: ['profiles', options.profile ?? ''], value: profileValue },
    options,
  );
  if (source.value === undefined) return { ...NOTHING, diagnostics: report.diagnostics() };
  if (options.profile !== undefined && profileValue === undefined)
    reportNoProfile(source.value, options.profile, report);
  const shaped = checkShape(overlay(source.value, profileValue), pipelineFile, report);
  if (shaped === undefined) return { ...NOTHING, diagnostics: report.diagnostics() };
  const built = build(shaped.raw, { file, text, report, options });
  const diagnostics = report.diagnostics().filter((one) => !hangsOnPruned(one, shaped.pruned));
  // An input may be the output of a step whose outputs could not be parsed.
  const expected = shaped.pruned.some(hidesOutputs) ? [] : built.expected;
  const { outputs } = built;
  const sql = report.sqlTexts();
  return diagnostics.some((one) => one.severity === 'error')
    ? { expected, outputs, diagnostics, sql }
    : { ...built, diagnostics, sql };
}

/** The text of one file, or of a pipeline with all files that it includes. */
export function readFiles(file: string, text: string): Source {
  const [own, ...included] = partsOf(file, text);
  const source = readSource(file, own?.text ?? '');
  return included.length === 0
    ? source
    : joinSources([source, ...included.map((part) => readSource(part.file, part.text))]);
}

const NOTHING = { expected: [], outputs: [], sql: [] };

const hidesOutputs = (path: YamlPath): boolean => path[0] === 'steps' && (path.length <= 2 || path[2] === 'outputs');

const hangsOnPruned = ({ code }: Diagnostic, pruned: readonly YamlPath[]): boolean =>
  (code === 'unknown-output' && pruned.some(hidesOutputs)) ||
  (code === 'unknown-param' && pruned.some((path) => path[0] === 'params')) ||
  (code === 'unknown-dataset' && pruned.some((path) => path[0] === 'datasets')) ||
  (code === 'unknown-step' && pruned.some((path) => path[0] === 'steps' && path.length <= 2)) ||
  (code === 'empty-reference' && pruned.some((path) => path[0] === 'monitor')) ||
  (code === 'wrong-condition' && pruned.some((path) => path[0] === 'retrain'));

function profileOf(value: unknown, profile: string | undefined): unknown {
  const profiles = isRecord(value) ? value.profiles : undefined;
  return profile !== undefined && isRecord(profiles) ? profiles[profile] : undefined;
}

function reportNoProfile(value: unknown, profile: string, report: Reporter): void {
  const profiles = isRecord(value) && isRecord(value.profiles) ? Object.keys(value.profiles) : [];
  report.at(['profiles'], {
    code: 'unknown-profile',
    message: `there is no profile "${profile}"`,
    suggestion: suggestOne(profile, profiles, 'profiles'),
  });
}

interface Surrounding {
  readonly file: WorkspacePath;
  readonly text: string;
  readonly report: Reporter;
  readonly options: ParseOptions;
}

function build(raw: RawPipeline, { file, text, report, options }: Surrounding) {
  const params = applyParams((raw.params ?? {}) as Readonly<Record<string, ParamValue>>, options.params ?? {}, report);
  const context: BuildContext = {
    report,
    params,
    datasets: Object.keys(raw.datasets ?? {}),
    stepNames: Object.keys(raw.steps),
    hasModel: raw.model !== undefined,
    environment: buildEnvironment(raw, [], { report }),
    executor: raw.executor as ExecutorName | undefined,
  };
  const declared = buildDatasets(raw.datasets ?? {}, context);
  const drafts = Object.entries(raw.steps).flatMap(([name, step]) => buildSteps(name, step, context));
  const datasets = markMade(declared, drafts);
  const steps = connectSteps(drafts, datasets, context);
  const isWarm = canStartWarm(steps);
  const model =
    raw.model === undefined ? undefined : buildModel(raw.model, raw.pipeline, { ...context, canStartWarm: isWarm });
  checkCheckpoints(drafts, context, model?.publish?.path);
  const monitor = raw.monitor === undefined ? undefined : buildMonitor(raw.monitor, context);
  const outputs = steps.flatMap((step) => step.outputs.map((output) => output.path));
  requireOutputs(outputs, model, monitor, report);
  requireRedirectable(steps, monitor, report);
  requireFiles(datasets, monitor, report);
  checkWindows(datasets, monitor, report);
  const reviewEveryMs = duration(raw.review_every);
  const pipeline: Pipeline = {
    name: raw.pipeline as PipelineName,
    file,
    text,
    params,
    datasets,
    steps,
    nowRoundingMs: duration(raw.now) ?? HOUR_MS,
    storesInputs: raw.store === 'inputs',
    description: raw.description,
    environment: context.environment,
    owner: raw.owner,
    reviewEveryMs,
    profile: options.profile,
    model,
    monitor,
    retrain:
      raw.retrain === undefined ? undefined : buildRetrain(raw.retrain, { ...context, monitor, canStartWarm: isWarm }),
  };
  return { pipeline, outputs, expected: expectFiles(drafts, model?.evaluate?.inputs ?? [], datasets, context) };
}

/**
 * The model and the reference must be outputs of this pipeline, because their lineage starts at the step that wrote
 * them.
 */
function requireOutputs(
  outputs: readonly WorkspacePath[],
  model: ModelSpec | undefined,
  monitor: MonitorSpec | undefined,
  report: Reporter,
): void {
  const suggestion = (path: string): string => suggestOne(path, outputs, 'outputs');
  if (model !== undefined && !outputs.includes(model.path)) {
    const around = outputs.find((output) => overlaps(output, model.path));
    report.atPosition(model.at, {
      code: 'unknown-output',
      message: `no step has the model "${model.path}" among its outputs`,
      suggestion:
        around === undefined
          ? suggestion(model.path)
          : `a version is a whole output: name "${around}" here, or "${model.path}" in "outputs"`,
    });
  }
  if (monitor?.reference !== undefined && !outputs.includes(monitor.reference))
    report.at(['monitor', 'reference'], {
      code: 'unknown-output',
      message: `no step has "${monitor.reference}" among its outputs: a reference comes from the champion's own lineage`,
      suggestion: suggestOne(monitor.reference, [...outputs, 'season'], 'references'),
    });
}

/** Logged rows are read file by file, as they grow. */
function requireFiles(datasets: readonly Dataset[], monitor: MonitorSpec | undefined, report: Reporter): void {
  for (const key of ['predictions', 'labels'] as const) {
    const dataset = datasets.find(({ name }) => name === monitor?.[key]?.dataset);
    if (dataset?.source.kind === 'query')
      report.at(['monitor', key, 'dataset'], {
        code: 'wrong-value',
        message: `dataset "${dataset.name}" is a query, and ${key} are read from files or a source`,
        suggestion:
          key === 'labels'
            ? `write query: select … from \${{ datasets.${dataset.name} }}`
            : 'name a dataset with a path or a source',
      });
  }
}

/** `prepare` runs a step with other output paths. A literal path in its command would overwrite the real outputs. */
function requireRedirectable(steps: readonly Step[], monitor: MonitorSpec | undefined, report: Reporter): void {
  const name = monitor?.current?.prepare;
  const step = steps.find((one) => one.name === name);
  if (step === undefined) return;
  const templates = step.command.kind === 'shell' ? [step.command.script] : step.command.words;
  const keys = templates.flatMap(valuesOf).flatMap((ref) => (ref.kind === 'output' ? [ref.key] : []));
  const unnamed = step.outputs.filter((output, i) => !keys.includes(i) && !keys.includes(output.name ?? i));
  for (const output of unnamed)
    report.at(['monitor', 'current', 'prepare'], {
      code: 'not-redirectable',
      message: `step "${step.name}" cannot run in a scratch folder: its command does not take "${output.path}" as a value`,
      suggestion: `write \${{ outputs.${output.name ?? step.outputs.indexOf(output)} }} in its command instead of the path`,
    });
}
