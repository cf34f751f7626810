import { baseName } from '../../../domain/support/paths.js';
import { type Choices, datasetsOf, modelsOf, nameOf, trainers, type Watched } from './choices.js';
import type { Drafts, StepDraft } from './draft-steps.js';
import { composeEnvironment } from './environment-lines.js';
import type { LeftOut, Project } from './project.js';
import { stepLines } from './step-lines.js';
import { list, plain } from './yaml-text.js';

export interface ComposedPipeline {
  readonly name: string;
  readonly text: string;
  /** What was decided, and why. */
  readonly decided: readonly string[];
  /** What a person has to add or look at. */
  readonly fillIn: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly hasModel: boolean;
  readonly isMonitored: boolean;
}

export function composePipeline(project: Project, { steps, leftOut }: Drafts, choices: Choices): ComposedPipeline {
  const name = choices.name ?? nameOf(project.folder);
  const training = trainers(steps);
  const train = training.find((step) => step.script.path === choices.train) ?? training[0];
  const model = train === undefined ? undefined : modelsOf(train)[0];
  const watched = model === undefined ? undefined : watchedData(project, steps, choices.data, name);
  const environment = composeEnvironment(project, steps);
  const metrics = new Map(steps.map((step) => [step.name, metricsOf(step)]));
  const hasMetrics = steps.some((step) => step.recordsMetrics === true || metrics.get(step.name) !== undefined);
  const lines = [
    `# Written by refit init from what this folder holds. Each key: docs/reference/pipeline-file.md`,
    `pipeline: ${plain(name)}`,
    ...environment.lines,
    ...paramLines(steps),
    ...(watched === undefined ? [] : datasetLines(watched)),
    'steps:',
    ...(watched === undefined ? [] : referenceLines(watched)),
    ...steps.flatMap((step) =>
      stepLines(step, { project, watched, model, metrics: metrics.get(step.name), packages: environment.packages }),
    ),
    ...(model === undefined ? modelHint() : modelLines(name, model, hasMetrics)),
    ...(watched === undefined ? [] : monitorLines(watched)),
    ...(model === undefined ? [] : retrainLines(watched)),
  ];
  return {
    name,
    text: `${lines.join('\n')}\n`,
    decided: decisions({ steps, train, model, watched, metrics, environment: environment.decided }),
    fillIn: [
      ...steps.flatMap((step) => step.notes),
      ...environment.fillIn,
      ...openQuestions({ train, model, watched, hasMetrics }),
    ],
    leftOut: [...project.leftOut, ...leftOut],
    hasModel: model !== undefined,
    isMonitored: watched !== undefined,
  };
}

/** Params that steps were given; the last value counts where several steps have one of a name. */
function paramLines(steps: readonly StepDraft[]): readonly string[] {
  const params = Object.entries(Object.assign({}, ...steps.map((step) => step.params ?? {})));
  return params.length === 0
    ? []
    : [`params: { ${params.map(([name, value]) => `${plain(name)}: ${JSON.stringify(value)}`).join(', ')} }`];
}

/** A JSON file whose name says that it holds scores. */
function metricsOf({ writes }: StepDraft): string | undefined {
  const rank = (path: string): number =>
    ['metric', 'score', 'eval', 'result', 'performance'].findIndex((word) => path.toLowerCase().includes(word));
  const [best] = writes
    .map((one) => one.path)
    .filter((path) => /\.json$/i.test(path) && rank(baseName(path)) >= 0)
    .sort((a, b) => rank(a) - rank(b));
  return best;
}

/** Columns that name a row or a moment say nothing about drift. */
const NO_FEATURE = /^(id|.*[_ ]id|uuid|index|rownames?|unnamed: ?\d*)$/i;
const TIME = /^(date|time|timestamp|datetime|day|month|ts|at|created_at|event_time|.*_(at|date|time|ts|timestamp))$/i;

function watchedData(
  project: Project,
  steps: readonly StepDraft[],
  chosen: string | undefined,
  name: string,
): Watched | undefined {
  const all = datasetsOf(steps, project);
  const own =
    chosen === undefined ? undefined : { pattern: chosen, files: project.data.filter((path) => path === chosen) };
  const data = all.find((one) => one.pattern === chosen) ?? own ?? all[0];
  if (data === undefined) return undefined;
  const columns = project.columns.get(data.files[0] ?? '') ?? [];
  const stem =
    (data.pattern.includes('*') ? data.pattern.replace(/\/\*.*$/, '') : data.pattern.replace(/\.\w+(\.gz)?$/, ''))
      .split('/')
      .at(-1) ?? '';
  const ending = data.pattern.includes('*') ? '.parquet' : (/\.\w+(\.gz)?$/.exec(data.pattern)?.[0] ?? '');
  return {
    ...data,
    dataset: nameOf(stem),
    rows: `work/${name}/rows${ending}`,
    ignored: columns.filter((column) => column === '' || NO_FEATURE.test(column) || TIME.test(column)),
    time: columns.find((column) => TIME.test(column)),
  };
}

const datasetLines = ({ dataset, pattern, time }: Watched): readonly string[] => [
  'datasets:',
  `  ${plain(dataset)}: { path: ${plain(pattern)} }${time === undefined ? '' : `   # add "time: ${time}" if that column says when a row happened`}`,
  ...(pattern.includes('*')
    ? [`  ${plain(`${dataset}-rows`)}: { path: { query: ${plain(`select * from \${{ datasets.${dataset} }}`)} } }`]
    : []),
];

/** A version keeps the rows that it was trained on: later data is compared with them. */
function referenceLines({ dataset, pattern, rows }: Watched): readonly string[] {
  const from = pattern.includes('*') ? `${dataset}-rows` : dataset;
  return [
    '  rows: # keeps the data that each version was trained on, for check-drift',
    '    role: extract',
    `    run: cp \${{ datasets.${from} }} \${{ outputs.rows }}`,
    `    inputs: ["\${{ datasets.${from} }}"]`,
    `    outputs: { rows: ${plain(rows)} }`,
  ];
}

const modelLines = (name: string, model: string, hasMetrics: boolean): readonly string[] => [
  'model:',
  `  path: ${plain(model)}`,
  hasMetrics
    ? '  # gate: [accuracy >= 0.8]   # for a regression [mae <= 5]; a version must pass before it may serve; use a metric that your script writes'
    : '  # gate: [accuracy >= 0.8]   # for a regression [mae <= 5]; needs metrics: let the script write a JSON object of numbers, named in "metrics" of its step',
  `  publish: { path: ${plain(`serving/${name}`)} }`,
];

const modelHint = (): readonly string[] => [
  '# model: { path: work/model.pkl }   # an output of a step; then versions are registered, judged and served',
];

const monitorLines = ({ dataset, rows, ignored }: Watched): readonly string[] => [
  'monitor:',
  `  reference: ${plain(rows)}`,
  `  current: { dataset: ${plain(dataset)} }`,
  ...(ignored.length > 0 ? [`  ignore: ${list(ignored)}`] : []),
];

const retrainLines = (watched: Watched | undefined): readonly string[] => [
  'retrain:',
  '  when:',
  '    any:',
  ...(watched === undefined ? [] : ['      - { data_drift: { share: 0.3 } }']),
  '      - { max_age: 30d }',
];

interface Outcome {
  readonly train: StepDraft | undefined;
  readonly model: string | undefined;
  readonly watched: Watched | undefined;
  readonly metrics: ReadonlyMap<string, string | undefined>;
}

function decisions({
  steps,
  train,
  model,
  watched,
  metrics,
  environment,
}: Outcome & { readonly steps: readonly StepDraft[]; readonly environment: readonly string[] }): readonly string[] {
  const written = [...metrics.values()].filter((one) => one !== undefined);
  return [
    ...steps.map(
      ({ name, script, reads, writes }) =>
        `step ${name}: ${script.path} reads ${reads.join(', ') || 'nothing that was found'} and writes ${writes.map((one) => one.path).join(', ') || 'nothing that was found'}`,
    ),
    ...(model === undefined || train === undefined ? [] : [`model ${model}: ${train.script.path} writes it`]),
    ...(written.length > 0 ? [`metrics ${written.join(', ')}: the name says so`] : []),
    ...(watched === undefined ? [] : [`${watched.pattern} is watched for drift: the steps read it and none writes it`]),
    ...(watched !== undefined && watched.ignored.length > 0
      ? [`drift ignores ${watched.ignored.join(', ')}: names of rows and moments`]
      : []),
    ...environment,
  ];
}

/** There is a helper for Python and for R. */
function helperHint(train: StepDraft | undefined): string {
  const language = train?.script.language;
  return language === 'node' ? '' : `, or use refit helper --print ${language === 'r' ? 'r' : 'python'}`;
}

function openQuestions({
  train,
  model,
  watched,
  hasMetrics,
}: Omit<Outcome, 'metrics'> & { readonly hasMetrics: boolean }): readonly string[] {
  return [
    ...(model === undefined
      ? [
          `no script was found that writes a model: add its file to the outputs of a step${train === undefined ? '' : ` (${train.name}?)`}, and name it in "model"`,
        ]
      : []),
    ...(model !== undefined && !hasMetrics
      ? [`no metrics were found: write a JSON object of numbers and name it in "metrics"${helperHint(train)}`]
      : []),
    ...(model !== undefined && watched === undefined
      ? ['no table was found that the steps read: add "datasets" and "monitor" to watch data for drift']
      : []),
  ];
}
