import { z } from 'zod';
import type { NoticeChannel } from '../../../domain/decisions/notice.js';
import type { ConfiguredRemote } from '../../../domain/exchange/remote.js';
import { CONTAINER_ENGINES, type ContainerEngine, type ContainerSettings } from '../../../domain/pipeline/container.js';
import type { Diagnostic } from '../../../domain/pipeline/diagnostic.js';
import type { ExecutorSettings } from '../../../domain/pipeline/executor.js';
import { suggestOne } from '../../../domain/support/near-miss.js';
import { createReporter, type Reporter } from '../collect-diagnostics.js';
import { checkShape } from '../shape-diagnostics.js';
import { readSource } from '../source/yaml-source.js';
import { buildKubernetes, kubernetesKeys } from './kubernetes.js';
import {
  buildChannels,
  buildHeartbeat,
  buildLineage,
  buildTracking,
  type Heartbeat,
  notificationKeys,
  type TrackingSettings,
} from './notifications.js';
import { buildRemotes, remoteKeys } from './remotes.js';
import { buildResources, parseBytes } from './resources.js';

/** The settings in `refit.yaml`. The file and all of its keys are optional. */
export interface WorkspaceSettings {
  /** Limits of resources, memory in bytes. */
  readonly resources: Readonly<Record<string, number>>;
  /** Channels for notices. */
  readonly channels: readonly NoticeChannel[];
  readonly heartbeat?: Heartbeat;
  /** Name of this workspace in lineage systems. */
  readonly lineageNamespace?: string;
  /** Targets of push and pull, by name. */
  readonly remotes: Readonly<Record<string, ConfiguredRemote>>;
  readonly tracking?: TrackingSettings;
  /** How steps with an image are run. */
  readonly container?: ContainerSettings;
  /** How jobs are submitted. */
  readonly executors?: ExecutorSettings;
  /** How many bytes of inputs that git does not hold each run stores. Absent if the file does not say. */
  readonly storedInputBytes?: number;
  /** Limits for `gc`. */
  readonly retention?: { readonly versions?: number; readonly days?: number; readonly keep?: readonly string[] };
}

const retention = z.strictObject({
  versions: z.number().int().min(1).optional(),
  days: z.number().int().min(0).optional(),
  keep: z.array(z.string().min(1)).optional(),
});

const word = z.string().regex(/^[^-\s]\S*$/, 'one word, as sbatch takes it');
const slurmKeys = {
  partition: word.optional(),
  account: word.optional(),
  constraint: word.optional(),
  qos: word.optional(),
  options: z.array(z.string().regex(/^-/, 'an option of sbatch, such as --nice=100')).optional(),
  staging: z.enum(['shared', 'store']).optional(),
  remote: z.string().min(1).optional(),
  scratch: z.string().regex(/^\//, 'an absolute path').optional(),
};

const workspaceFile = z.strictObject({
  resources: z.record(z.string().min(1), z.union([z.number().min(0), z.string().min(1)])).optional(),
  ...notificationKeys,
  retention: retention.optional(),
  store: z.strictObject({ inputs: z.union([z.number().int().min(0), z.string().min(1)]).optional() }).optional(),
  remotes: z.record(z.string().min(1), remoteKeys).optional(),
  container: z
    .strictObject({ engine: z.enum(CONTAINER_ENGINES).optional(), options: z.array(z.string().min(1)).optional() })
    .optional(),
  executors: z
    .strictObject({
      slurm: z
        .strictObject({
          ...slurmKeys,
          profiles: z.record(z.string().regex(/^[A-Za-z0-9_-]+$/), z.strictObject(slurmKeys)).optional(),
        })
        .optional(),
      kubernetes: kubernetesKeys.optional(),
    })
    .optional(),
  /** Folders beside the workspace that data may be read from; the reader of data takes them from the file itself. */
  roots: z.array(z.string().min(1)).optional(),
});

/**
 * Parses `refit.yaml`. Reports all faults together. With errors there are no settings. There is no other reader of the
 * file.
 */
export function parseWorkspaceFile(
  file: string,
  text: string,
): { readonly settings?: WorkspaceSettings; readonly diagnostics: readonly Diagnostic[] } {
  const source = readSource(file, text);
  const report = createReporter(source);
  const isBroken = source.diagnostics.length > 0;
  const shaped = isBroken ? undefined : checkShape(source.value ?? {}, workspaceFile, report);
  const resources = buildResources(shaped?.raw.resources ?? {}, ['resources'], report);
  const channels = buildChannels(shaped?.raw.notifications ?? {}, ['notifications'], report);
  const remotes = buildRemotes(shaped?.raw.remotes ?? {}, ['remotes'], report);
  const storedInputBytes = bytesOf(shaped?.raw.store?.inputs, report);
  const beat = shaped?.raw.heartbeat;
  const heartbeat = beat === undefined ? undefined : buildHeartbeat(beat, ['heartbeat'], report);
  const rawLineage = shaped?.raw.openlineage;
  const lineage = rawLineage === undefined ? undefined : buildLineage(rawLineage, ['openlineage'], report);
  const rawTracking = shaped?.raw.mlflow;
  const tracking = rawTracking === undefined ? undefined : buildTracking(rawTracking, ['mlflow'], report);
  const systems = [...(lineage?.channels ?? []), ...(tracking?.channels ?? [])];
  for (const { name } of systems.filter((one) => channels.some((other) => other.name === one.name)))
    report.at(['notifications', name], {
      code: 'wrong-value',
      message: `the key "${name}" beside "notifications" is a channel of that name`,
      suggestion: 'rename this key',
    });
  reportRemotes(shaped?.raw ?? {}, report);
  const diagnostics = report.diagnostics();
  return diagnostics.some((one) => one.severity === 'error')
    ? { diagnostics }
    : {
        settings: {
          resources,
          remotes,
          channels: [...channels, ...systems],
          tracking: tracking === undefined ? undefined : tracking.settings,
          lineageNamespace: lineage?.namespace === undefined ? undefined : lineage.namespace,
          heartbeat,
          storedInputBytes,
          container: containerOf(shaped?.raw.container),
          executors: executorsOf(shaped?.raw.executors, remotes, shaped?.raw.container?.engine),
          ...given(shaped?.raw.retention),
        },
        diagnostics,
      };
}

/** A remote that is named where there is none. */
function reportRemotes({ executors, remotes = {} }: z.infer<typeof workspaceFile>, report: Reporter): void {
  const named = (['slurm', 'kubernetes'] as const).flatMap((engine) => {
    const { profiles = {}, remote } = executors?.[engine] ?? {};
    return [
      [['executors', engine, 'remote'], remote] as const,
      ...Object.entries(profiles).map(
        ([name, profile]) => [['executors', engine, 'profiles', name, 'remote'], profile.remote] as const,
      ),
    ];
  });
  for (const [path, name] of named)
    if (name !== undefined && !Object.hasOwn(remotes, name))
      report.at([...path], {
        code: 'wrong-value',
        message: `there is no remote "${name}" under "remotes"`,
        suggestion: suggestOne(name, Object.keys(remotes), 'remotes'),
      });
}

function executorsOf(
  raw: z.infer<typeof workspaceFile>['executors'],
  remotes: WorkspaceSettings['remotes'],
  containerEngine: ContainerEngine | undefined,
): ExecutorSettings | undefined {
  if (raw === undefined && containerEngine === undefined) return undefined;
  return {
    remotes,
    containerEngine,
    ...(raw?.slurm === undefined ? {} : { slurm: raw.slurm }),
    ...(raw?.kubernetes === undefined ? {} : { kubernetes: buildKubernetes(raw.kubernetes) }),
  };
}

const containerOf = (raw: z.infer<typeof workspaceFile>['container']): ContainerSettings | undefined =>
  raw === undefined ? undefined : { engine: raw.engine, options: raw.options ?? [] };

function given(raw: z.infer<typeof retention> | undefined): Pick<WorkspaceSettings, 'retention'> {
  if (raw === undefined) return {};
  const { versions, days, keep } = raw;
  return {
    retention: {
      versions,
      days,
      keep,
    },
  };
}

/** `all`, `none`, bytes, or a size with a unit. */
function bytesOf(inputs: string | number | undefined, report: ReturnType<typeof createReporter>): number | undefined {
  if (inputs === 'all') return Number.MAX_SAFE_INTEGER;
  if (inputs === 'none') return 0;
  const bytes = typeof inputs === 'string' ? parseBytes(inputs) : inputs;
  if (inputs !== undefined && bytes === undefined)
    report.at(['store', 'inputs'], {
      code: 'wrong-value',
      message: `"${inputs}" is no size`,
      suggestion: 'write all, none, or a size such as 100MB or 2GiB',
    });
  return bytes;
}
