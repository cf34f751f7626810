import type { Failure } from '../../domain/failure.js';
import { type ExecutorName, type ExecutorSettings, engineOf } from '../../domain/pipeline/executor.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { RunOptions } from '../../domain/runs/run-report.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { executorFault } from '../../pipeline/executor-faults.js';
import { loadWorkspaceSettings } from '../../pipeline/workspace-settings.js';
import { executorOf } from './executors.js';

/** A step as the scheduler sees it. */
export interface ScheduledStep extends Step {
  readonly declared: Step;
  /** It runs on no processor of this machine. */
  readonly isElsewhere: boolean;
  /** Its image, if it has one, is for the nodes of the cluster to run. */
  readonly isOnSlurm: boolean;
}

interface Placing {
  readonly scheduled: readonly ScheduledStep[];
  readonly settings: ExecutorSettings;
  readonly executor: ExecutorName | undefined;
}

/** Where each step runs. Refuses what cannot run there before anything has started. */
export async function placeSteps(
  services: Pick<Services, 'files' | 'memo' | 'isScratch' | 'surroundings'>,
  steps: readonly Step[],
  { executor, isTraced, isPlanned }: Pick<RunOptions, 'executor' | 'isTraced'> & { readonly isPlanned?: boolean },
): Promise<Result<Placing, Failure>> {
  const named = steps.map((step) => ({ step, name: executorOf(services, step, executor) }));
  const elsewhere = named.filter(({ name }) => name !== 'local');
  if (elsewhere.length === 0) return ok({ scheduled: named.map(asScheduled), settings: {}, executor });
  const loaded = await loadWorkspaceSettings(services);
  if (!loaded.ok) return loaded;
  const settings = loaded.value.executors ?? {};
  for (const { step, name } of elsewhere) {
    if (isTraced === true)
      return err(
        usage(`--trace cannot see what step "${step.name}" opens: it runs on another machine`, 'add --executor local'),
      );
    const fault = executorFault(services, step, name, settings);
    // A plan is also made where nothing can be submitted: it warns.
    if (fault !== undefined && (isPlanned !== true || fault.code !== 'kubectl-missing'))
      return err(usage(fault.problem, fault.next));
  }
  return ok({ scheduled: named.map(asScheduled), settings, executor });
}

/** What a plan says of a program that a run would need. */
export async function placingWarnings(
  services: Pick<Services, 'files' | 'memo' | 'isScratch' | 'surroundings'>,
  steps: readonly Step[],
): Promise<readonly string[]> {
  if (services.isScratch === true || steps.every(({ executor }) => executor === 'local')) return [];
  const loaded = await loadWorkspaceSettings(services);
  // What is wrong with refit.yaml itself, "validate" reports.
  if (!loaded.ok) return [];
  const settings = loaded.value.executors ?? {};
  const faults = steps.flatMap((step) => executorFault(services, step, step.executor, settings) ?? []);
  return [...new Set(faults.map(({ problem, next }) => `${problem} (${next})`))];
}

/** The cluster has processors, memory and GPUs of its own. Resources with other names, such as licences, are the workspace's. */
function asScheduled({ step, name }: { readonly step: Step; readonly name: ExecutorName }): ScheduledStep {
  if (name === 'local') return { ...step, declared: step, isElsewhere: false, isOnSlurm: false };
  const { cpus: _, memory: __, gpus: ___, ...resources } = step.resources;
  const isOnSlurm = engineOf(name)?.engine === 'slurm';
  return { ...step, resources, declared: step, isElsewhere: true, isOnSlurm };
}

const usage = (problem: string, next: string): Failure => ({ code: 'usage', problem, next });
