import { z } from 'zod';
import type { KubernetesSettings, MountedVolume, Volume } from '../../../domain/pipeline/kubernetes.js';
import { MINUTE_MS, parseDuration } from '../../../domain/support/time.js';
import { duration } from '../context.js';
import { timeout } from './notifications.js';

const SHORTEST_KEEP_MS = 10 * MINUTE_MS;

const absolute = z.string().regex(/^\//, 'an absolute path');
/** One name of Kubernetes. */
const named = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'a name of Kubernetes: small letters, digits, "-" and "."');
const claim = { claim: named, sub_path: z.string().min(1).optional() };
const mounted = { mount: absolute, read_only: z.boolean().optional() };

const image = z.string().regex(/^[^-\s]\S*$/, 'the name of an image, such as python:3.12');
const numbered = z.number().int().min(0).max(2_147_483_647);

const keys = {
  context: z
    .string()
    .regex(/^[^-\s]\S*$/, 'the name of a context')
    .optional(),
  namespace: named.optional(),
  image: image.optional(),
  service_account: named.optional(),
  image_pull_secrets: z.array(named).optional(),
  node_selector: z.record(z.string().min(1), z.string()).optional(),
  tolerations: z.array(z.record(z.string(), z.json())).optional(),
  labels: z
    .record(z.string().min(1), z.string().regex(/^([A-Za-z0-9][\w.-]{0,62})?$/, 'a value of a label'))
    .optional(),
  workspace: z.union([z.strictObject(claim), z.strictObject({ host_path: absolute })]).optional(),
  staging: z.enum(['shared', 'store']).optional(),
  remote: z.string().min(1).optional(),
  staging_image: image.optional(),
  staging_secret: named.optional(),
  run_as_user: numbered.optional(),
  run_as_group: numbered.optional(),
  volumes: z
    .array(z.union([z.strictObject({ ...claim, ...mounted }), z.strictObject({ host_path: absolute, ...mounted })]))
    .optional(),
  secrets: z
    .record(z.string().min(1), z.strictObject({ secret: named, key: z.string().regex(/^[\w.-]+$/) }))
    .optional(),
  gpu: z.string().min(1).optional(),
  start_within: timeout.optional(),
  keep: timeout
    .refine((text) => (parseDuration(text) ?? SHORTEST_KEEP_MS) >= SHORTEST_KEEP_MS, {
      error:
        'at least 10m: the cluster removes a Job that is over, and its log, after this time, also when refit has not collected it',
    })
    .optional(),
};

/** `executors.kubernetes` of `refit.yaml`. */
export const kubernetesKeys = z.strictObject({
  ...keys,
  profiles: z.record(z.string().regex(/^[A-Za-z0-9_-]+$/), z.strictObject(keys)).optional(),
});

const settings = z.strictObject(keys);

export function buildKubernetes(raw: z.infer<typeof kubernetesKeys>) {
  const { profiles, ...general } = raw;
  const built = Object.entries(profiles ?? {}).map(([name, one]) => [name, settingsOf(one)] as const);
  return { ...settingsOf(general), ...(profiles === undefined ? {} : { profiles: Object.fromEntries(built) }) };
}

function settingsOf(raw: z.infer<typeof settings>): KubernetesSettings {
  return {
    context: raw.context,
    namespace: raw.namespace,
    image: raw.image,
    serviceAccount: raw.service_account,
    imagePullSecrets: raw.image_pull_secrets,
    nodeSelector: raw.node_selector,
    tolerations: raw.tolerations,
    labels: raw.labels,
    workspace: raw.workspace === undefined ? undefined : volumeOf(raw.workspace),
    volumes: raw.volumes?.map(
      (one): MountedVolume => ({ ...volumeOf(one), mount: one.mount, isReadOnly: one.read_only }),
    ),
    staging: raw.staging,
    remote: raw.remote,
    stagingImage: raw.staging_image,
    stagingSecret: raw.staging_secret,
    runAsUser: raw.run_as_user,
    runAsGroup: raw.run_as_group,
    secrets: raw.secrets,
    gpu: raw.gpu,
    startWithinMs: duration(raw.start_within),
    keepMs: duration(raw.keep),
  };
}

const volumeOf = (raw: { claim: string; sub_path?: string | undefined } | { host_path: string }): Volume =>
  'claim' in raw ? { claim: raw.claim, subPath: raw.sub_path } : { hostPath: raw.host_path };
