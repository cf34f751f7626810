import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { RunReport } from '../../domain/runs/run-report.js';
import type { View, ViewPart } from '../../domain/view.js';
import { asJson, bytes, dim, figure, line, moment, span, strong, toned, word } from '../../render/parts/parts.js';
import { durationOf, runJson, stepJson } from './run-view.js';

interface Tracked {
  readonly report: RunReport;
  readonly reads: readonly ArtifactUse[];
  readonly writes: readonly ArtifactUse[];
  readonly changed: readonly string[];
  readonly untraced?: string;
}

/** The document of `track`. */
export function trackView({ report, reads, writes, changed, untraced }: Tracked): View {
  const { run, executions, metrics } = report;
  return {
    json: {
      run: { ...runJson(run), steps: executions.map(stepJson) },
      metrics: asJson(metrics),
      reads: reads.map(useJson),
      writes: writes.map(useJson),
      changed: [...changed],
      untraced: untraced ?? null,
    },
    parts: [
      line(
        'run ',
        strong(run.id),
        ' ',
        word(run.status),
        dim(` in ${span(durationOf(run))}, started ${moment(run.startedAt)}`),
      ),
      ...(run.isTainted
        ? [line(toned('tainted', 'bad'), ': an input changed while the command ran; its record names the bytes of now')]
        : []),
      ...usesLines('read ', reads),
      ...usesLines('wrote', writes),
      ...changed
        .slice(0, MOST_SHOWN)
        .map((path) => line(toned('changed ', 'warn'), path, dim('  was there before: the run cannot be repeated'))),
      ...Object.entries(metrics).map(([name, value]) => line(dim('metric '), name, ' ', strong(figure(value)))),
      ...(untraced === undefined ? [] : [line(toned('note ', 'warn'), untraced)]),
      ...(run.status === 'succeeded' && untraced === undefined
        ? [line(dim(`to make a pipeline of it: refit init --from ${run.id}`))]
        : []),
    ],
  };
}

const useJson = ({ path, artifact }: ArtifactUse) => ({ path, hash: artifact.hash, size: artifact.size });

const MOST_SHOWN = 20;

const usesLines = (what: string, uses: readonly ArtifactUse[]): readonly ViewPart[] => [
  ...uses
    .slice(0, MOST_SHOWN)
    .map(({ path, artifact }) => line(dim(`${what}  `), path, dim(`  ${bytes(artifact.size)}`))),
  ...(uses.length > MOST_SHOWN ? [line(dim(`${what}  … and ${uses.length - MOST_SHOWN} more files (--json)`))] : []),
];
