import type { ParamValue } from '../../domain/pipeline/pipeline.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { DataDifference, Difference, ScoreDifference } from '../../domain/runs/run-diff.js';
import type { Line, Span, ViewPart } from '../../domain/view.js';
import { OTHER_DATA, type RunDiff } from '../../lineage/views/diff-view.js';
import { meaningOf, scoreCells } from '../../lineage/views/score-parts.js';
import { bytes, dim, figure, heading, inFull, line, plural, table, toned, word } from '../../render/parts/parts.js';
import { sparkline } from '../../render/parts/plots/sparkline.js';
import type { Comparison, MetricHistory, TrainingDrift } from './compare-facts.js';

/** So many changed files are named; `diff` names all. */
const MOST_FILES = 10;

/** Scores of the versions, then what the steps measured. A step's metric has one value a run, so it has no interval. */
export const scoresOf = ({ diff: { scores, before, after } }: Comparison): readonly ScoreDifference[] => {
  const known = new Set(scores.scores.map(({ name }) => name));
  const names = [...new Set([...Object.keys(before.metrics), ...Object.keys(after.metrics)])];
  return [
    ...scores.scores,
    ...names
      .filter((name) => !known.has(name))
      .map((name) => ({
        name,
        before: before.metrics[name],
        after: after.metrics[name],
        withoutInterval: 'a step measured it once a run',
      })),
  ];
};

const valuesOf = (history: readonly MetricHistory[], name: string): readonly (number | undefined)[] =>
  history.map(({ values }) => values[name]);

export function metricParts(compared: Comparison, title: string): readonly ViewPart[] {
  const scores = scoresOf(compared);
  if (scores.length === 0) return [heading(title), line(dim('neither run has metrics'))];
  const { history, diff } = compared;
  const [same, moved] = [scores.filter(isSame), scores.filter((one) => !isSame(one))];
  return [
    heading(title),
    table(
      ['metric', 'before', 'after', 'difference', '95 % interval', '', `${plural(history.length, 'run')}`],
      moved.map((one) => [one.name, ...scoreCells(one), meaningText(one), sparkline(valuesOf(history, one.name))]),
    ),
    ...(diff.scores.isSameData || diff.scores.scores.length === 0 ? [] : [line(dim(OTHER_DATA))]),
    ...intervalLines(diff.scores.scores),
    ...(same.length === 0 ? [] : [line(dim(`the same: ${same.map(sameText).join(', ')}`))]),
  ];
}

const isSame = (score: ScoreDifference): boolean => meaningOf(score) === 'same';

const sameText = ({ name, after }: ScoreDifference): string => `${name} ${figure(after ?? 0)}`;

const MEANINGS = {
  same: dim('same'),
  better: toned('better', 'good'),
  worse: toned('worse', 'bad'),
  unclear: dim('not clear'),
  differs: dim(''),
  incomparable: dim(''),
} as const;

const meaningText = (score: ScoreDifference): Span => MEANINGS[meaningOf(score)];

/** Why scores have no interval, each reason once. */
function intervalLines(scores: readonly ScoreDifference[]): readonly ViewPart[] {
  const reasons = new Map<string, string[]>();
  for (const { name, withoutInterval, before, after } of scores)
    if (withoutInterval !== undefined && before !== after)
      reasons.set(withoutInterval, [...(reasons.get(withoutInterval) ?? []), name]);
  return [...reasons].map(([reason, names]) => line(dim(`no interval of ${names.join(', ')}: ${reason}`)));
}

export function paramParts(params: readonly Difference<ParamValue>[], title: string): readonly ViewPart[] {
  if (params.length === 0) return [];
  const side = (value: ParamValue | undefined): Span => (value === undefined ? dim('–') : inFull(value));
  return [
    heading(title),
    table(
      ['param', 'before', 'after'],
      params.map(({ name, before, after }) => [name, side(before), side(after)]),
    ),
  ];
}

/** Input files that changed, and how many rows they have. */
export function inputParts(data: readonly DataDifference[], title: string): readonly ViewPart[] {
  const inputs = data.filter(({ kind }) => kind === 'dataset');
  if (inputs.length === 0) return [];
  const side = (use: ArtifactUse | undefined): Span =>
    use === undefined ? dim('–') : use.rows === undefined ? bytes(use.artifact.size) : plural(use.rows, 'row');
  const more = inputs.length - MOST_FILES;
  return [
    heading(title),
    table(
      ['input', 'before', 'after'],
      inputs.slice(0, MOST_FILES).map(({ name, before, after }) => [name, side(before), side(after)]),
    ),
    ...(more > 0 ? [line(dim(`and ${plural(more, 'more file')}`))] : []),
  ];
}

/** Every check with both verdicts; the sentence is that of the working tree's version. */
export function gateParts({ diff: { before, after } }: Comparison, title: string): readonly ViewPart[] {
  if (after.gate === undefined && before.gate === undefined) return [];
  const checks = after.gate?.checks ?? [];
  const old = new Map(before.gate?.checks.map((check) => [check.name, check.verdict]));
  return [
    heading(title),
    table(
      ['check', 'before', 'after', 'detail'],
      checks.map((check) => [check.name, verdictOf(old.get(check.name)), word(check.verdict), dim(check.detail)]),
    ),
    ...(after.gate === undefined ? [line(dim('the version of this working tree was not judged'))] : []),
  ];
}

const verdictOf = (verdict: string | undefined): Span => (verdict === undefined ? dim('–') : word(verdict));

export function driftParts(drift: TrainingDrift, title: string): readonly ViewPart[] {
  return [heading(title), ...driftLines(drift)];
}

function driftLines(drift: TrainingDrift): readonly ViewPart[] {
  if (drift.kind === 'same') return [line(word('stable'), ': both were trained on the same bytes')];
  if (drift.kind === 'unknown') return [line(dim(`not measured: ${drift.why}`))];
  const { report } = drift;
  const moved = report.features.filter(({ verdict }) => verdict !== 'stable' && verdict !== 'undecided');
  return [
    line(word(report.verdict), ...driftFigures(drift)),
    ...moved.map(({ name, verdict, detail }) =>
      line('  ', word(verdict), ` ${name}`, dim(detail === undefined ? '' : `  ${detail}`)),
    ),
  ];
}

const driftFigures = ({ report }: Extract<TrainingDrift, { kind: 'report' }>): Line =>
  report.undecidedBecause === undefined
    ? [`: ${report.drifted} of ${plural(report.total, 'column')} of the training data moved`]
    : [`: ${report.undecidedBecause}`];

/** Code and settings that changed, by name: `diff` shows the lines. */
export function codeParts({ code, pipeline, before, after }: RunDiff, title: string): readonly ViewPart[] {
  const names = [...(pipeline.length > 0 ? [after.run.file] : []), ...code.map(({ name }) => name)];
  const more = names.length - MOST_FILES;
  const shown = `${names.slice(0, MOST_FILES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [
    heading(title),
    line(names.length === 0 ? 'the same code' : `${plural(names.length, 'file')} changed: ${shown}`),
    line(dim(`every difference: refit diff ${before.run.id} ${after.run.id}`)),
  ];
}
