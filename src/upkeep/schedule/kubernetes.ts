import { Document } from 'yaml';
import { jobScript } from './job-script.js';
import { cronExpression, nameOf, type Schedule } from './schedule.js';

/** What a pod asks for and may use at most, as Kubernetes spells it. */
interface PodResources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/**
 * A text of a pod as it is. Kubernetes replaces `$(NAME)` by the variable of the container, also inside of quotes, and `$$` by `$`.
 */
export const withoutReferences = (text: string): string => text.replaceAll(/\$(?=[$(])/g, '$$$$');

/**
 * A CronJob. The image holds refit and what the steps need. Without a remote the workspace lies on a volume, because the
 * history must outlive the pod.
 */
export function kubernetesCronJob(
  schedule: Schedule,
  image: string,
  { resources, header = [] }: { readonly resources?: PodResources; readonly header?: readonly string[] } = {},
): string {
  const name = nameOf(schedule);
  const isOnVolume = schedule.remote === undefined;
  const container = {
    name: 'refit',
    image,
    workingDir: '/workspace',
    command: ['sh', '-c', withoutReferences(`${jobScript(schedule, 'refit').join('\n')}\n`)],
    ...(resources === undefined ? {} : { resources }),
    ...(schedule.remote?.isS3 === true ? { envFrom: [{ secretRef: { name } }] } : {}),
    ...(isOnVolume ? { volumeMounts: [{ name: 'workspace', mountPath: '/workspace' }] } : {}),
  };
  const volumes = [{ name: 'workspace', persistentVolumeClaim: { claimName: name } }];
  const pod = { restartPolicy: 'Never', containers: [container], ...(isOnVolume ? { volumes } : {}) };
  const document = new Document({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: {
      schedule: cronExpression(schedule),
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: { backoffLimit: 0, template: { spec: pod } } },
    },
  });
  if (header.length > 0) document.commentBefore = header.map((text) => ` ${text}`).join('\n');
  return document.toString({ lineWidth: 0 });
}
