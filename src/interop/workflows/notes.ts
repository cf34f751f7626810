import type { Condition, Pipeline, Step } from '../../domain/pipeline/pipeline.js';

export type WorkflowTarget = 'argo' | 'airflow' | 'snakemake';

const NAMES: Readonly<Record<WorkflowTarget, string>> = { argo: 'Argo', airflow: 'Airflow', snakemake: 'Snakemake' };

/** What the pipeline says and the other system does not do, each as a clause. */
export function notesOf(pipeline: Pipeline, target: WorkflowTarget): readonly string[] {
  const { steps, model, retrain, monitor } = pipeline;
  const name = NAMES[target];
  const withAny = (isOne: (step: Step) => boolean): string =>
    steps
      .filter(isOne)
      .map((step) => step.name)
      .join(', ');
  const note = (isOne: (step: Step) => boolean, text: (names: string) => string): readonly string[] => {
    const names = withAny(isOne);
    return names === '' ? [] : [text(names)];
  };
  return [
    target === 'snakemake'
      ? 'Snakemake decides by times of files what to run again, and results of earlier runs are not restored'
      : `every step runs each time: ${name} has no cache of results, and nothing is restored`,
    'no run, lineage or metric is recorded',
    ...(model === undefined
      ? []
      : [
          `the model ${model.name} is not registered, judged by its gate or published: "refit retrain ${pipeline.name}" does that`,
        ]),
    ...((retrain ?? monitor) === undefined
      ? []
      : ['checks of data, drift and performance, and triggers other than a schedule, are left out']),
    ...note(
      (step) => step.expect !== undefined,
      (names) => `"expect" of ${names} is not checked`,
    ),
    ...note(
      (step) => step.secrets.length > 0 || Object.values(step.env).some(({ kind }) => kind === 'from'),
      (names) => GIVEN[target](names),
    ),
    ...note(
      (step) => step.retries.on === 'preempted' && target !== 'argo',
      (names) => `${names}: ${name} tries again after every failure, not only after those from outside the step`,
    ),
    ...note(
      (step) => step.retries.count > 0 && step.retries.delayMs > 0 && target === 'snakemake',
      (names) => `${names}: Snakemake tries again at once`,
    ),
    ...note(
      (step) => Object.keys(othersOf(step)).length > (target === 'airflow' ? 1 : 0) && target !== 'snakemake',
      (names) =>
        target === 'argo'
          ? `${names}: resources with names of your own are not counted`
          : `${names}: Airflow counts only one pool a task, the first`,
    ),
    ...note(
      (step) => target === 'airflow' && Object.keys(othersOf(step)).length > 0,
      () => 'resources with names of your own are pools, which you have to create in Airflow',
    ),
    ...note(
      (step) => step.image !== undefined && target === 'snakemake',
      () => 'images are used with "snakemake --use-singularity"',
    ),
    ...note(
      (step) => step.inputs === undefined && target === 'snakemake',
      (names) => `${names}: without declared inputs, Snakemake runs a step only if an output is missing`,
    ),
    ...note(
      (step) => target === 'snakemake' && 'gpus' in step.resources,
      (names) => `${names}: pass "--resources gpus=…"; every job sees all GPUs`,
    ),
  ];
}

const GIVEN: Readonly<Record<WorkflowTarget, (names: string) => string>> = {
  argo: (names) => `variables and secrets of ${names} come from a Secret with the name of the volume claim`,
  airflow: (names) => `variables and secrets of ${names} come from the environment of the worker`,
  snakemake: (names) =>
    `variables and secrets of ${names} come from the environment of snakemake, and are not masked in logs`,
};

export function othersOf({ resources }: Step): Readonly<Record<string, number>> {
  const { cpus: _cpus, memory: _memory, gpus: _gpus, ...others } = resources;
  return others;
}

/** The only schedule among the triggers, if it is one that fires by itself. */
export function scheduleOf({ retrain }: Pipeline): { readonly cron: string; readonly timezone: string } | undefined {
  const found = retrain === undefined ? [] : alternatives(retrain.when).filter((one) => one.kind === 'schedule');
  const [only] = found;
  return found.length === 1 && only?.kind === 'schedule' ? { cron: only.cron, timezone: only.timezone } : undefined;
}

const alternatives = (condition: Condition): readonly Condition[] =>
  condition.kind === 'any' ? condition.of.flatMap(alternatives) : [condition];
