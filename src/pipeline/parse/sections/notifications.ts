import { z } from 'zod';
import {
  LINEAGE_NOTICE,
  NOTICE_KINDS,
  NOTICE_TEMPLATES,
  type NoticeChannel,
  type NoticeTarget,
  TRACKING_NOTICE,
} from '../../../domain/decisions/notice.js';
import { parseDuration, SECOND_MS } from '../../../domain/support/time.js';
import type { Reporter } from '../collect-diagnostics.js';
import type { YamlPath } from '../source/yaml-source.js';

const TIMEOUT_MS = 10 * SECOND_MS;

const address = z.union([z.string().min(1), z.strictObject({ from: z.string().min(1) })]);
const command = z.union([z.string().min(1), z.array(z.union([z.string(), z.number()])).min(1)]);
export const timeout = z.string().refine((text) => parseDuration(text) !== undefined, {
  error: 'not a duration: write a number and a unit, like 10s',
  params: { code: 'bad-duration' },
});
const channel = z.strictObject({
  url: address.optional(),
  run: command.optional(),
  template: z.enum(NOTICE_TEMPLATES).optional(),
  on: z.array(z.enum(NOTICE_KINDS)).min(1).optional(),
  pipelines: z.array(z.string().min(1)).min(1).optional(),
  timeout: timeout.optional(),
});
const lineage = z.strictObject({
  url: address.optional(),
  namespace: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, "-", "_" and "." only')
    .optional(),
  timeout: timeout.optional(),
});
const tracking = z.strictObject({
  url: address.optional(),
  experiment: z.string().min(1).optional(),
  token: z.strictObject({ from: z.string().min(1) }).optional(),
  timeout: timeout.optional(),
});
const beat = z.strictObject({ url: address.optional(), run: command.optional(), timeout: timeout.optional() });

/** The keys of `refit.yaml` for notifications, lineage and tracking. */
export const notificationKeys = {
  notifications: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'letters, digits, "-" and "_" only'), channel)
    .optional(),
  heartbeat: z.union([z.string().min(1), beat]).optional(),
  openlineage: z.union([z.string().min(1), lineage]).optional(),
  mlflow: z.union([z.string().min(1), tracking]).optional(),
};
type RawChannel = z.infer<typeof channel>;

/** A URL or command that is called after every tick. */
export interface Heartbeat {
  readonly target: NoticeTarget;
  readonly timeoutMs: number;
}

export const buildChannels = (
  raw: Readonly<Record<string, RawChannel>>,
  path: YamlPath,
  report: Reporter,
): readonly NoticeChannel[] =>
  Object.entries(raw).flatMap(([name, one]): readonly NoticeChannel[] => {
    const target = buildTarget(one, [...path, name], report);
    if (target === undefined) return [];
    if (one.template !== undefined && one.run !== undefined)
      report.at([...path, name, 'template'], {
        code: 'wrong-value',
        message: 'a command gets the notice as JSON: "template" belongs to a "url"',
      });
    return [
      {
        name,
        target,
        template: one.template ?? 'json',
        kinds: one.on ?? NOTICE_KINDS,
        timeoutMs: (one.timeout === undefined ? undefined : parseDuration(one.timeout)) ?? TIMEOUT_MS,
        pipelines: one.pipelines,
      },
    ];
  });

export function buildHeartbeat(
  raw: string | z.infer<typeof beat>,
  path: YamlPath,
  report: Reporter,
): Heartbeat | undefined {
  const long = typeof raw === 'string' ? { url: raw } : raw;
  const target = buildTarget(long, path, report);
  const timeoutMs =
    ('timeout' in long && long.timeout !== undefined ? parseDuration(long.timeout) : undefined) ?? TIMEOUT_MS;
  return target === undefined ? undefined : { target, timeoutMs };
}

/** The settings for lineage events: where they are sent, and the namespace of this workspace. */
export function buildLineage(
  raw: string | z.infer<typeof lineage>,
  path: YamlPath,
  report: Reporter,
): { readonly channels: readonly NoticeChannel[]; readonly namespace?: string } {
  const long: z.infer<typeof lineage> = typeof raw === 'string' ? { url: raw } : raw;
  const target = long.url === undefined ? undefined : buildTarget({ url: long.url }, path, report);
  const timeoutMs = (long.timeout === undefined ? undefined : parseDuration(long.timeout)) ?? TIMEOUT_MS;
  return {
    channels:
      target === undefined
        ? []
        : [{ name: 'openlineage', target, template: 'openlineage', kinds: [LINEAGE_NOTICE], timeoutMs }],
    namespace: long.namespace,
  };
}

/** The settings for MLflow tracking: the server and the experiment. */
export function buildTracking(
  raw: string | z.infer<typeof tracking>,
  path: YamlPath,
  report: Reporter,
): { readonly channels: readonly NoticeChannel[]; readonly settings: TrackingSettings } {
  const long: z.infer<typeof tracking> = typeof raw === 'string' ? { url: raw } : raw;
  const target = buildTarget(long.url === undefined ? {} : { url: long.url }, path, report);
  // A run with a million points takes many calls, each of them short.
  const timeoutMs = (long.timeout === undefined ? undefined : parseDuration(long.timeout)) ?? TIMEOUT_MS;
  return {
    channels:
      target === undefined ? [] : [{ name: 'mlflow', target, template: 'mlflow', kinds: [TRACKING_NOTICE], timeoutMs }],
    settings: {
      experiment: long.experiment,
      tokenVariable: long.token === undefined ? undefined : long.token.from,
    },
  };
}

export interface TrackingSettings {
  readonly experiment?: string;
  /** Name of the environment variable with the token. The file holds no secret. */
  readonly tokenVariable?: string;
}

function buildTarget(
  { url, run }: Pick<RawChannel, 'url' | 'run'>,
  path: YamlPath,
  report: Reporter,
): NoticeTarget | undefined {
  if ((url === undefined) === (run === undefined)) {
    report.at(path, {
      code: url === undefined ? 'missing-key' : 'wrong-value',
      message: url === undefined ? 'it does not say where to' : 'it says "url" and "run": one of them',
      suggestion: 'write url: https://… (or url: { from: A_VARIABLE }, where it is a secret), or run: ./notify.sh',
    });
    return undefined;
  }
  if (run !== undefined) return { kind: 'command', argv: argvOf(run) };
  if (typeof url === 'object') return { kind: 'url-from', variable: url.from };
  if (!/^https?:\/\/[^\s/]/.test(url ?? ''))
    report.at([...path, 'url'], {
      code: 'wrong-value',
      message: `"${url}" is no address: it begins with https:// or http://`,
    });
  return { kind: 'url', url: url ?? '' };
}

const argvOf = (run: z.infer<typeof command>): readonly string[] =>
  typeof run === 'string' ? ['sh', '-eu', '-c', run] : run.map(String);
