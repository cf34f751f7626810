import { createHash } from 'node:crypto';

/** What calls `refit retrain`, and when. Every target is made from it. */
export interface Schedule {
  /** Absolute path of the workspace. */
  readonly root: string;
  /** A pipeline's name, or its file if it is not in `pipelines/`, or `--all`. */
  readonly subject: string;
  /** Minutes of each hour, UTC, in order; at least one. */
  readonly minutes: readonly number[];
  /** Absolute paths of Node and of refit's program. */
  readonly node: string;
  readonly program: string;
  /** The PATH of the call, and so of the steps. */
  readonly path: string;
  /** Name of the remote in refit.yaml that keeps the history of short-lived machines. */
  readonly remote?: { readonly name: string; readonly isS3: boolean };
  /** The folder of the workspace in its repository; `.` at the top. */
  readonly folder: string;
}

export const LOG_PATH = '.refit/logs/schedule.log';

const HOUR = 60;

/** The minutes as a field of a cron expression: `17`, `0,30` or an even step. */
export function minuteField(minutes: readonly number[]): string {
  if (minutes.length === HOUR) return '*';
  const step = HOUR / minutes.length;
  const isEven = minutes.length > 2 && minutes.every((minute, i) => minute === i * step);
  return isEven ? `*/${step}` : minutes.join(',');
}

export const cronExpression = ({ minutes }: Pick<Schedule, 'minutes'>): string => `${minuteField(minutes)} * * * *`;

/** The text as one word of any POSIX shell. An apostrophe is quoted without a backslash, which cron would drop. */
export const shellWord = (text: string): string =>
  /^[\w@+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;

/** The longest name of a CronJob in Kubernetes is 52. */
const LONGEST_NAME = 36;

/** `refit-` and the subject in lower case, digits and dashes, as CI services and clusters want their names. */
export function nameOf({ subject }: Pick<Schedule, 'subject'>): string {
  if (subject === '--all') return 'refit-all-pipelines';
  const slug = subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^-+|-+$/g, '');
  return slug === subject ? `refit-${slug}` : `refit-${slug}-${hashOf(subject)}`;
}

/** Keeps apart what a short name would mix up. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
