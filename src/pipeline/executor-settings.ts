import type { ExecutorName, ExecutorSettings, SlurmSettings } from '../domain/pipeline/executor.js';
import { engineOf } from '../domain/pipeline/executor.js';
import type { KubernetesSettings } from '../domain/pipeline/kubernetes.js';
import { definedOf } from '../domain/support/defined.js';

/** The settings of `slurm`, with those of the profile laid over them. */
export function slurmSettings({ slurm = {} }: ExecutorSettings, name: ExecutorName): SlurmSettings {
  const { profiles, ...general } = slurm;
  const profile = profiles?.[engineOf(name)?.profile ?? ''] ?? {};
  return { ...general, ...profile, options: [...(general.options ?? []), ...(profile.options ?? [])] };
}

/** The settings of `kubernetes`, with those of the profile laid over them. Maps and lists are joined. */
export function kubernetesSettings({ kubernetes = {} }: ExecutorSettings, name: ExecutorName): KubernetesSettings {
  const { profiles, ...general } = kubernetes;
  const profile = profiles?.[engineOf(name)?.profile ?? ''] ?? {};
  return {
    ...definedOf(general),
    ...definedOf(profile),
    nodeSelector: { ...general.nodeSelector, ...profile.nodeSelector },
    labels: { ...general.labels, ...profile.labels },
    secrets: { ...general.secrets, ...profile.secrets },
    tolerations: [...(general.tolerations ?? []), ...(profile.tolerations ?? [])],
    volumes: [...(general.volumes ?? []), ...(profile.volumes ?? [])],
    imagePullSecrets: [...(general.imagePullSecrets ?? []), ...(profile.imagePullSecrets ?? [])],
  };
}
