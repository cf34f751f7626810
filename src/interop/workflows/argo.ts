import { Document } from 'yaml';
import type { Retries } from '../../domain/pipeline/pipeline.js';
import { withoutReferences } from '../../upkeep/schedule/kubernetes.js';
import { headerOf, plainNames, type Task, type Workflow } from './task.js';

const WORKSPACE = '/workspace';

/** A Workflow, or a CronWorkflow where the pipeline has a schedule. The workspace lies on a volume that its pods share. */
export function argoWorkflow(workflow: Workflow): string {
  const { tasks, pipeline, schedule } = workflow;
  const names = plainNames(tasks, '-');
  const nameOf = (name: string): string => names.get(name) ?? name;
  const own = `refit-${pipeline.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  const spec = {
    entrypoint: 'steps-of-pipeline',
    volumes: [{ name: 'workspace', persistentVolumeClaim: { claimName: own } }],
    templates: [
      {
        name: 'steps-of-pipeline',
        dag: {
          tasks: tasks.map(({ name, needs }) => ({
            name: nameOf(name),
            template: nameOf(name),
            ...(needs.length === 0 ? {} : { dependencies: needs.map(nameOf) }),
          })),
        },
      },
      ...tasks.map((task) => template(task, { name: nameOf(task.name), secret: own, image: workflow.image })),
    ],
  };
  const document = new Document(
    schedule === undefined
      ? { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata: { generateName: `${own}-` }, spec }
      : {
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'CronWorkflow',
          metadata: { name: own },
          spec: {
            schedules: [schedule.cron],
            timezone: schedule.timezone,
            concurrencyPolicy: 'Forbid',
            workflowSpec: spec,
          },
        },
  );
  document.commentBefore = headerOf(workflow)
    .map((line) => ` ${line}`)
    .join('\n');
  return document.toString({ lineWidth: 0 });
}

function template(
  task: Task,
  { name, secret, image }: { readonly name: string; readonly secret: string; readonly image: string | undefined },
) {
  return {
    name,
    activeDeadlineSeconds: task.timeoutS,
    retryStrategy: task.retries.count === 0 ? undefined : retryStrategy(task.retries),
    container: {
      name: 'main',
      image: task.image ?? image,
      command: ['sh', '-eu', '-c'],
      args: [withoutReferences(`${task.script}\n`)],
      workingDir: WORKSPACE,
      env: [
        { name: 'REFIT_NOW', value: '{{workflow.creationTimestamp}}' },
        { name: 'REFIT_RUN_ID', value: '{{workflow.name}}' },
        { name: 'REFIT_ATTEMPT', value: task.retries.count === 0 ? '1' : '{{=asInt(retries) + 1}}' },
        ...Object.entries(task.env).map(([key, value]) => ({ name: key, value: withoutReferences(value) })),
        ...task.given.map((one) => ({
          name: one.name,
          valueFrom: { secretKeyRef: { name: secret, key: one.from } },
        })),
      ],
      resources: resourcesOf(task),
      volumeMounts: [{ name: 'workspace', mountPath: WORKSPACE }],
    },
  };
}

/** `OnError`: only what came from outside the step, such as a node that went away. */
function retryStrategy({ count, delayMs, backoff, on }: Retries) {
  return {
    limit: String(count),
    retryPolicy: on === 'preempted' ? 'OnError' : 'Always',
    ...(delayMs === 0
      ? {}
      : {
          backoff: {
            duration: `${Math.ceil(delayMs / 1000)}s`,
            ...(backoff === 'exponential' ? { factor: '2' } : {}),
          },
        }),
  };
}

/** GPUs must be limited, not only asked for. */
export function resourcesOf({ resources: { cpus, memoryBytes, gpus } }: Pick<Task, 'resources'>) {
  if ((cpus ?? memoryBytes ?? gpus) === undefined) return undefined;
  return {
    requests: {
      ...(cpus === undefined ? {} : { cpu: String(cpus) }),
      ...(memoryBytes === undefined ? {} : { memory: String(memoryBytes) }),
    },
    limits: {
      ...(memoryBytes === undefined ? {} : { memory: String(memoryBytes) }),
      ...(gpus === undefined ? {} : { 'nvidia.com/gpu': String(gpus) }),
    },
  };
}
