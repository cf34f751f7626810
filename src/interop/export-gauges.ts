import type { ModelName, PipelineName } from '../domain/ids.js';
import type { Gauge } from '../domain/ports/gauges.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import { CHAMPION } from '../models/champion.js';

type Need = Pick<Services, 'registry'>;

const seconds = (ms: number): number => Math.round(ms) / 1000;

/** Gauges with the state of every pipeline and model, for a monitoring system. */
export function collectGauges(services: Need, now: Instant): readonly Gauge[] {
  const { runs, models } = services.registry;
  return [
    ...runs.pipelines().flatMap((pipeline) => pipelineGauges(services, pipeline, now)),
    ...models.names().flatMap((model) => modelGauges(services, model, now)),
  ];
}

function pipelineGauges({ registry }: Need, pipeline: PipelineName, now: Instant): readonly Gauge[] {
  const { runs, decisions, findings } = registry;
  const labels = { pipeline };
  const [run] = runs.list({ pipeline, limit: 1 });
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
            name: 'last_run_age_seconds',
            help: 'Time since the newest run began',
            labels,
            value: seconds(now - run.startedAt),
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
            name: 'last_decision_age_seconds',
            help: 'Time since the newest retrain decision',
            labels,
            value: seconds(now - decision.decidedAt),
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

function modelGauges({ registry }: Need, model: ModelName, now: Instant): readonly Gauge[] {
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
      name: 'champion_serving_seconds',
      help: 'How long the version has served',
      labels,
      value: seconds(now - move.movedAt),
    },
    {
      name: 'champion_age_seconds',
      help: 'Age of the data moment the version was trained at',
      labels,
      value: seconds(now - trained),
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
