import { hasMoved } from '../../domain/data/drift.js';
import type { ParamValue } from '../../domain/pipeline/pipeline.js';
import type { ComparedRun, Difference } from '../../domain/runs/run-diff.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { LineChart, Span, View, ViewPart } from '../../domain/view.js';
import { gateJson } from '../../gate/views/gate-view.js';
import { differing, pairJson, sideJson, sideText } from '../../lineage/views/diff-view.js';
import { intervalJson, meaningOf } from '../../lineage/views/score-parts.js';
import { dim, line, plural, strong, toned, word } from '../../render/parts/parts.js';
import type { Compared, ComparedPipeline, Comparison, MetricHistory, TrainingDrift } from './compare-facts.js';
import { codeParts, driftParts, gateParts, inputParts, metricParts, paramParts, scoresOf } from './compare-parts.js';

/** So many metrics are drawn for each pipeline; the table has all. */
const MOST_CHARTS = 4;

/** The document of `compare`. */
export const compareView = ({ name, commit, head, pipelines }: Compared): View => ({
  json: {
    base: name,
    base_commit: commit ?? null,
    head: head ?? null,
    pipelines: pipelines.map(pipelineJson),
  },
  parts:
    pipelines.length === 0
      ? [line('no pipeline has a run yet, so there is nothing to compare: ', dim('refit run, or refit pull'))]
      : pipelines.flatMap((one) => pipelineParts(name, one, pipelines.length > 1)),
  charts: pipelines.flatMap((one) => (one.kind === 'compared' ? chartsOf(one) : [])),
});

const paramsOf = ({ diff: { before, after } }: Comparison): readonly Difference<ParamValue>[] =>
  differing<ParamValue>(before.run.params, after.run.params);

function pipelineParts(name: string, compared: ComparedPipeline, isOneOfSeveral: boolean): readonly ViewPart[] {
  const { pipeline } = compared;
  if (compared.kind === 'no-base')
    return [
      line(
        strong(pipeline),
        ` has no successful run of ${name} or of a commit before it: `,
        dim('refit pull, or run it there'),
      ),
    ];
  if (compared.kind === 'no-run')
    return [
      line(strong(pipeline), `: the latest run is that of ${name}, so there is nothing to compare`),
      line(dim(`run it here: refit run ${pipeline}`)),
    ];
  const title = (text: string): string => (isOneOfSeveral ? `${pipeline}: ${text}` : text);
  const { diff } = compared;
  return [
    line(strong(pipeline), ': ', ...summary(compared)),
    line(dim('before '), strong(diff.before.name), dim(`  ${sideText(diff.before)}${back(compared)}`)),
    line(dim('after  '), strong(diff.after.name), dim(`  ${sideText(diff.after)}`)),
    ...noteLines(compared),
    ...metricParts(compared, title('metrics')),
    ...paramParts(paramsOf(compared), title('params')),
    ...inputParts(diff.data, title('data')),
    ...gateParts(compared, title('gate')),
    ...driftParts(compared.drift, title('drift')),
    ...codeParts(diff, title('code')),
  ];
}

/** The verdicts in one line: what a reviewer reads first. */
function summary(compared: Comparison): readonly Span[] {
  const { diff, drift } = compared;
  const meanings = scoresOf(compared).map(meaningOf);
  const count = (meaning: string): number => meanings.filter((one) => one === meaning).length;
  const [better, worse] = [count('better'), count('worse')];
  const inputs = diff.data.filter(({ kind }) => kind === 'dataset').length;
  const gate = diff.after.gate?.verdict;
  return [
    'gate ',
    gate === undefined ? dim('not judged') : word(gate),
    '; ',
    ...(better > 0 ? [toned(`${plural(better, 'metric')} better`, 'good'), ', '] : []),
    ...(worse > 0 ? [toned(`${plural(worse, 'metric')} worse`, 'bad'), ', '] : []),
    ...(better + worse === 0 ? ['no metric is clearly better or worse, '] : []),
    `${plural(paramsOf(compared).length, 'param')} and ${plural(inputs, 'input file')} changed`,
    ...(drift.kind === 'unknown'
      ? []
      : ['; training data: ', word(drift.kind === 'same' ? 'stable' : drift.report.verdict)]),
  ];
}

const back = ({ commitsBack, diff }: Comparison): string =>
  commitsBack === 0 ? '' : `, ${plural(commitsBack, 'commit')} before ${diff.before.name}`;

function noteLines({ isOfHead, newer, diff, pipeline }: Comparison): readonly ViewPart[] {
  return [
    ...(isOfHead
      ? []
      : [
          line(toned('note ', 'warn'), `that run is of another commit than the one checked out: refit run ${pipeline}`),
        ]),
    ...(newer === undefined || newer.startedAt < diff.after.run.startedAt
      ? []
      : [
          line(
            toned('note ', 'warn'),
            `the newest run of ${pipeline}, ${newer.id}, is not compared: it has ${newer.status === 'succeeded' ? 'another commit' : newer.status}`,
          ),
        ]),
  ];
}

function pipelineJson(compared: ComparedPipeline): JsonObject {
  if (compared.kind === 'no-base') return { pipeline: compared.pipeline, result: 'no-base' };
  if (compared.kind === 'no-run')
    return { pipeline: compared.pipeline, result: 'no-run', before: runJson(compared.before, compared.commitsBack) };
  const { diff, drift, history } = compared;
  return {
    pipeline: compared.pipeline,
    result: 'compared',
    before: runJson(diff.before, compared.commitsBack),
    after: runJson(diff.after, 0),
    of_head: compared.isOfHead,
    same_test_data: diff.scores.isSameData,
    metrics: scoresOf(compared).map((one) => ({
      ...pairJson(one),
      ...intervalJson(one),
      meaning: meaningOf(one),
      history: history.map(({ run, at, values }) => ({ run, now: toIso(at), value: values[one.name] ?? null })),
    })),
    params: paramsOf(compared).map(pairJson),
    data: diff.data
      .filter(({ kind }) => kind === 'dataset')
      .map(({ name, before, after }) => ({
        path: name,
        before: before === undefined ? null : { hash: before.artifact.hash, rows: before.rows ?? null },
        after: after === undefined ? null : { hash: after.artifact.hash, rows: after.rows ?? null },
      })),
    gate: {
      before: diff.before.gate === undefined ? null : gateJson(diff.before.gate),
      after: diff.after.gate === undefined ? null : gateJson(diff.after.gate),
    },
    drift: driftJson(drift),
    code: diff.code.map(({ name }) => name),
    pipeline_file_changed: diff.pipeline.length > 0,
  };
}

const runJson = (side: ComparedRun, commitsBack: number): JsonObject => ({
  ...sideJson(side),
  commit: side.run.code.commit ?? null,
  dirty: side.run.code.isDirty,
  commits_back: commitsBack,
});

function driftJson(drift: TrainingDrift): JsonObject {
  if (drift.kind === 'same') return { verdict: 'stable', same_data: true, drifted: [], columns: null, why: null };
  if (drift.kind === 'unknown') return { verdict: null, same_data: false, drifted: [], columns: null, why: drift.why };
  const { report } = drift;
  return {
    verdict: report.verdict,
    same_data: false,
    drifted: report.features.filter(hasMoved).map(({ name }) => name),
    columns: report.total,
    why: report.undecidedBecause ?? null,
  };
}

/** The metrics that differ, scores first, over the last runs. */
function chartsOf(compared: Comparison): readonly LineChart[] {
  return scoresOf(compared)
    .filter((one) => meaningOf(one) !== 'same')
    .slice(0, MOST_CHARTS)
    .flatMap(({ name }) => {
      const points = compared.history.flatMap(pointOf(name));
      // two runs are in the table already
      if (points.length < 3) return [];
      return [
        {
          title: `${compared.pipeline}: ${name}`,
          labels: labelsOf(points),
          values: points.map(({ value }) => value),
        },
      ];
    });
}

const pointOf =
  (name: string) =>
  ({ run, at, values }: MetricHistory) => {
    const value = values[name];
    return value === undefined || !Number.isFinite(value) ? [] : [{ run, day: toIso(at).slice(0, 10), value }];
  };

/** The day of each run, or the end of its id if one day has several. */
const labelsOf = (points: readonly { readonly run: string; readonly day: string }[]): readonly string[] =>
  new Set(points.map(({ day }) => day)).size === points.length
    ? points.map(({ day }) => day)
    : points.map(({ run }) => run.slice(-6));
