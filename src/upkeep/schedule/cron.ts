import { cronExpression, LOG_PATH, type Schedule, shellWord } from './schedule.js';

type Owner = Pick<Schedule, 'root' | 'subject'>;

/** Debian's cron refuses a longer command. */
const LONGEST = 998;

/**
 * The line of a crontab. What `retrain --quiet` prints, it mails and adds to the log. It ends with a comment for the shell by
 * which refit finds its own line again.
 */
export function cronLine(schedule: Schedule): string {
  const { root, subject, node, program, path } = schedule;
  const call = [node, program, 'retrain', subject, '--quiet'].map(shellWord).join(' ');
  const parts = [
    `cd ${shellWord(root)}`,
    `mkdir -p ${LOG_PATH.slice(0, LOG_PATH.lastIndexOf('/'))}`,
    `PATH=${shellWord(path)} ${call} 2>&1 | tee -a ${LOG_PATH}`,
  ];
  return `${cronExpression(schedule)} ${escaped(parts.join(' && '))}${mark(schedule)}`;
}

/** Why cron cannot hold the line, or `undefined`. */
export function faultOfCron(schedule: Schedule): string | undefined {
  const paths = [schedule.root, schedule.subject, schedule.node, schedule.program, schedule.path];
  // cron drops a backslash before some characters, and a line break ends the command
  const odd = paths.find((path) => /[\\\p{Cc}]/u.test(path));
  if (odd !== undefined) return `cron cannot hold the path ${JSON.stringify(odd)}`;
  const length = Buffer.byteLength(cronLine(schedule)) - cronExpression(schedule).length;
  return length > LONGEST ? `the line has ${length} bytes, and cron takes ${LONGEST}` : undefined;
}

/** A text as `Schedules.readCrontab` gives it. */
const asBytes = (text: string): string => Buffer.from(text).toString('latin1');

/** The crontab with this line in the place of the one that refit wrote before, or at its end. Other lines stay as they are. */
export function withCronLine(crontab: string, schedule: Schedule): string {
  const line = asBytes(cronLine(schedule));
  const lines = linesOf(crontab);
  const at = lines.findIndex((one) => isOwn(one, schedule));
  if (at < 0) return `${crontab}${crontab === '' || crontab.endsWith('\n') ? '' : '\n'}${line}\n`;
  return lines.flatMap((one, i) => (i === at ? [`${line}\n`] : isOwn(one, schedule) ? [] : [one])).join('');
}

/** The crontab without the line of this workspace and pipeline. */
export const withoutCronLine = (crontab: string, owner: Owner): string =>
  linesOf(crontab)
    .filter((line) => !isOwn(line, owner))
    .join('');

/** A line that somebody commented out is no longer refit's. */
const isOwn = (line: string, owner: Owner): boolean =>
  !line.trimStart().startsWith('#') && line.trimEnd().endsWith(asBytes(mark(owner)));

const mark = ({ root, subject }: Owner): string => escaped(` # refit schedule ${subject} in ${root}`);

/** Cron reads `%` as a line break. */
const escaped = (command: string): string => command.replaceAll('%', '\\%');

/** With their line breaks. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
