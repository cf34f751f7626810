import type { Failure } from '../../domain/failure.js';
import type { ExecutorName, ExecutorSettings } from '../../domain/pipeline/executor.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { RunOptions } from '../../domain/runs/run-report.js';
import { suggestOne } from '../../domain/support/near-miss.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { loadWorkspaceSettings } from '../../pipeline/workspace-settings.js';
import { executorOf } from './executors.js';

/** A step as the scheduler sees it. */
export interface ScheduledStep extends Step {
  readonly declared: Step;
  /** It runs on no processor of this machine. */
  readonly isElsewhere: boolean;
}

interface Placing {
  readonly scheduled: readonly ScheduledStep[];
  readonly settings: ExecutorSettings;
  readonly executor: ExecutorName | undefined;
}

/** Where each step runs. Refuses what cannot run there before anything has started. */
export async function placeSteps(
  services: Pick<Services, 'files' | 'memo' | 'isScratch'>,
  steps: readonly Step[],
  { executor, isTraced }: Pick<RunOptions, 'executor' | 'isTraced'>,
): Promise<Result<Placing, Failure>> {
  const named = steps.map((step) => ({ step, name: executorOf(services, step, executor) }));
  const elsewhere = named.filter(({ name }) => name !== 'local');
  if (elsewhere.length === 0) return ok({ scheduled: named.map(asScheduled), settings: {}, executor });
  const loaded = await loadWorkspaceSettings(services);
  if (!loaded.ok) return loaded;
  const settings = loaded.value.executors ?? {};
  for (const { step, name } of elsewhere) {
    const failure = obstacle(step, name, settings, isTraced === true);
    if (failure !== undefined) return err(failure);
  }
  return ok({ scheduled: named.map(asScheduled), settings, executor });
}

/** The cluster has processors, memory and GPUs of its own. Resources with other names, such as licences, are the workspace's. */
function asScheduled({ step, name }: { readonly step: Step; readonly name: ExecutorName }): ScheduledStep {
  if (name === 'local') return { ...step, declared: step, isElsewhere: false };
  const { cpus: _, memory: __, gpus: ___, ...resources } = step.resources;
  return { ...step, resources, declared: step, isElsewhere: true };
}

function obstacle(step: Step, name: ExecutorName, { slurm }: ExecutorSettings, isTraced: boolean): Failure | undefined {
  if (isTraced)
    return usage(
      `--trace cannot see what step "${step.name}" opens: it runs on another machine`,
      'add --executor local',
    );
  if (step.image !== undefined)
    return usage(
      `step "${step.name}" has an image (${step.image}), which a Slurm job cannot use in this version`,
      'write executor: local in this step, or run without --executor',
    );
  const profile = name.split(':')[1];
  const profiles = Object.keys(slurm?.profiles ?? {});
  if (profile === undefined || profiles.includes(profile)) return undefined;
  return usage(
    `refit.yaml has no profile "${profile}" of Slurm, which step "${step.name}" is to run with`,
    `${suggestOne(profile, profiles, 'profiles')}; profiles stand in refit.yaml: executors: { slurm: { profiles: { ${profile}: { partition: … } } } }`,
  );
}

const usage = (problem: string, next: string): Failure => ({ code: 'usage', problem, next });
