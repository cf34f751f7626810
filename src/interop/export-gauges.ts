import type { Attention } from '../domain/decisions/attention.js';
import type { ModelName, PipelineName } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Gauge } from '../domain/ports/gauges.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import { CHAMPION, ledgerUntil } from '../models/champion.js';
import { readablePipelines } from '../pipeline/shared-names.js';
import { attentionFor } from '../retrain/attention.js';
import { lastTraining } from '../retrain/last-training.js';
import { lastRunOf } from '../run/find-run.js';

type Dependencies = Pick<Services, 'registry' | 'clock' | 'files' | 'memo' | 'warn' | 'datasets' | 'logs'>;

/** Unix time. Monitoring computes ages itself, so that they keep growing when nothing writes the file any more. */
const seconds = (ms: number): number => Math.round(ms) / 1000;

/** Gauges with the state of every pipeline and model, for a monitoring system. Each names the workspace. */
export async function collectGauges(services: Dependencies, now: Instant): Promise<readonly Gauge[]> {
  const { runs, models } = services.registry;
  const declared = await readablePipelines(services);
  const gauges: Gauge[] = [];
  for (const name of runs.pipelines()) {
    gauges.push(...pipelineGauges(services, name, now));
    const pipeline = declared.find((one) => one.name === name);
    if (pipeline !== undefined) gauges.push(...(await attentionGauges(services, pipeline, now)));
  }
  for (const model of models.names()) gauges.push(...modelGauges(services, model));
  return gauges.map((gauge) => ({ ...gauge, labels: { workspace: services.files.root, ...gauge.labels } }));
}

/** What needs a person. A pipeline whose file is gone or invalid has none of these. */
async function attentionGauges(services: Dependencies, pipeline: Pipeline, now: Instant): Promise<readonly Gauge[]> {
  const when = { now, isNowGiven: false };
  const [decision] = services.registry.decisions.list({
    pipeline: pipeline.name,
    limit: 1,
    ...ledgerUntil(services, pipeline, when),
  });
  const attention: Attention = {
    ...attentionFor(services, pipeline, decision, when),
    ...(await lastTraining(services, pipeline, when)),
  };
  const labels = { pipeline: pipeline.name };
  const { paused, held, isSilent, refused, failed, tick } = attention;
  const flag = (name: string, help: string, isSet: boolean): Gauge => ({ name, help, labels, value: isSet ? 1 : 0 });
  return [
    flag('paused', '1 while a person or too many failures stopped retraining', paused !== undefined),
    flag('held', '1 while the newest decision holds training back because the data looks broken', held !== undefined),
    flag('silent', '1 when a call of refit retrain is overdue', isSilent),
    { name: 'refused', help: 'Candidates that the gate refused in a row', labels, value: refused?.inARow ?? 0 },
    { name: 'failed', help: 'Trainings that failed in a row', labels, value: failed?.inARow ?? 0 },
    ...(tick === undefined
      ? []
      : [
          {
            name: 'last_tick_timestamp_seconds',
            help: 'When refit retrain was last called',
            labels,
            value: seconds(tick.startedAt),
          },
        ]),
  ];
}

function pipelineGauges(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: PipelineName,
  now: Instant,
): readonly Gauge[] {
  const { decisions, findings } = services.registry;
  const labels = { pipeline };
  const run = lastRunOf(services, pipeline);
  const [decision] = decisions.list({ pipeline, limit: 1, until: now });
  return [
    ...(run === undefined
      ? []
      : [
          {
            name: 'last_run_success',
            help: '1 when the newest run succeeded, 0 otherwise',
            labels,
            value: run.status === 'succeeded' ? 1 : 0,
          },
          {
            name: 'last_run_timestamp_seconds',
            help: 'When the newest run began',
            labels,
            value: seconds(run.startedAt),
          },
          ...(run.finishedAt === undefined
            ? []
            : [
                {
                  name: 'last_run_duration_seconds',
                  help: 'How long the newest run took',
                  labels,
                  value: seconds(run.finishedAt - run.startedAt),
                },
              ]),
        ]),
    ...(decision === undefined
      ? []
      : [
          {
            name: 'last_decision',
            help: '1 for the newest retrain decision: retrain, wait, hold, suggest or paused',
            labels: { ...labels, decision: decision.decision },
            value: 1,
          },
          {
            name: 'last_decision_timestamp_seconds',
            help: 'When the newest retrain decision was made',
            labels,
            value: seconds(decision.decidedAt),
          },
        ]),
    {
      name: 'open_findings',
      help: 'Findings in the data that nobody has answered',
      labels,
      value: findings.open(pipeline, now).length,
    },
  ];
}

function modelGauges({ registry }: Pick<Services, 'registry'>, model: ModelName): readonly Gauge[] {
  const { models, runs } = registry;
  const move = models.alias(model, CHAMPION);
  const version = move === undefined ? undefined : models.get({ model, version: move.to });
  if (move === undefined || version === undefined) return [];
  const moves = models.moves(model).filter((one) => one.alias === CHAMPION);
  const trained = runs.get(version.run)?.now ?? version.registeredAt;
  const labels = { model };
  const evaluation = models.evaluations(version)[0];
  return [
    { name: 'champion_version', help: 'The version that serves', labels, value: version.version },
    {
      name: 'champion_since_timestamp_seconds',
      help: 'Since when the version serves',
      labels,
      value: seconds(move.movedAt),
    },
    {
      name: 'champion_trained_timestamp_seconds',
      help: 'The data moment that the version was trained at',
      labels,
      value: seconds(trained),
    },
    {
      name: 'promotions',
      help: 'Promotions so far',
      labels,
      value: moves.filter((one) => one.kind === 'promotion').length,
    },
    {
      name: 'rollbacks',
      help: 'Rollbacks so far',
      labels,
      value: moves.filter((one) => one.kind === 'rollback').length,
    },
    ...Object.entries(evaluation?.metrics ?? {}).map(([metric, value]) => ({
      name: 'champion_metric',
      help: 'Scores of the version that serves, as last evaluated',
      labels: { ...labels, metric },
      value,
    })),
  ];
}
