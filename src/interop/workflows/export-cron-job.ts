import type { Failure } from '../../domain/failure.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Schedules } from '../../domain/ports/schedules.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { loadPipeline } from '../../pipeline/load-pipeline.js';
import { kubernetesCronJob } from '../../upkeep/schedule/kubernetes.js';
import { planSchedule } from '../../upkeep/schedule/plan-schedule.js';
import { resourcesOf } from './argo.js';
import type { ExportedWorkflow } from './export-workflow.js';
import { othersOf } from './notes.js';
import { headerOf } from './task.js';

/** One pod that calls `refit retrain`: everything stays as in refit. It asks for what the largest step asks for. */
export async function exportCronJob(
  services: Services & { readonly schedules: Schedules },
  { name, image, version }: { readonly name: string; readonly image?: string; readonly version: string },
): Promise<Result<ExportedWorkflow, Failure>> {
  if (image === undefined)
    return err({
      code: 'usage',
      problem: 'export kubernetes-cronjob does not know the image',
      next: `write refit export kubernetes-cronjob ${name} --image registry.example.org/team/refit:1`,
    });
  const loaded = await loadPipeline(services, name);
  if (!loaded.ok) return loaded;
  const schedule = await planSchedule(services, name);
  if (!schedule.ok) return schedule;
  const { pipeline } = loaded.value;
  const notes = notesOf(pipeline);
  const header = headerOf({ pipeline: pipeline.name, file: pipeline.file, notes, version });
  const resources = resourcesOf({ resources: largest(pipeline) });
  return ok({ text: kubernetesCronJob(schedule.value, image, { resources, header }), notes });
}

function largest({ steps }: Pipeline) {
  const most = (key: string): number | undefined => {
    const asked = steps.flatMap(({ resources }) => resources[key] ?? []);
    return asked.length === 0 ? undefined : Math.max(...asked);
  };
  return { cpus: most('cpus'), memoryBytes: most('memory'), gpus: most('gpus'), others: {} };
}

function notesOf({ steps }: Pipeline): readonly string[] {
  const withImage = steps.filter(({ image }) => image !== undefined).map((step) => step.name);
  const counted = steps.some((step) => Object.keys(othersOf(step)).length > 0);
  return [
    'steps at the same time share what the largest step asks for',
    ...(withImage.length === 0 ? [] : [`${withImage.join(', ')} need podman, docker or apptainer inside the pod`]),
    ...(counted ? ['resources with names of your own are counted within the pod only'] : []),
  ];
}
