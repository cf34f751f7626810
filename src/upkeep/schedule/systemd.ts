import { hashOf, minuteField, nameOf, type Schedule } from './schedule.js';

export interface SystemdUnits {
  readonly service: string;
  readonly timer: string;
}

/** The names of the two unit files. The hash keeps apart workspaces whose pipelines have the same name. */
export function unitNames({ root, subject }: Pick<Schedule, 'root' | 'subject'>): SystemdUnits {
  const name = `${nameOf({ subject })}-${hashOf(root)}`;
  return { service: `${name}.service`, timer: `${name}.timer` };
}

/** Unit files for the user manager, by name. */
export function systemdUnits(schedule: Schedule): Readonly<Record<string, string>> {
  const names = unitNames(schedule);
  return { [names.service]: service(schedule), [names.timer]: timer(schedule) };
}

/** 5: the gate said no. 6: another command works on the pipeline, and the next tick decides. Both are no failure. */
const service = ({ root, subject, node, program, path }: Schedule): string => `# written by refit schedule
[Unit]
Description=refit retrain ${specifiersEscaped(subject)} in ${specifiersEscaped(root)}

[Service]
Type=oneshot
WorkingDirectory=${specifiersEscaped(root)}
Environment=${quoted(`PATH=${path}`)}
ExecStart=${[node, program, 'retrain', subject, '--quiet'].map(commandWord).join(' ')}
SuccessExitStatus=5 6
`;

const timer = ({ root, subject, minutes }: Schedule): string => `# written by refit schedule
[Unit]
Description=refit retrain ${specifiersEscaped(subject)} in ${specifiersEscaped(root)}, at least hourly

[Timer]
OnCalendar=*-*-* *:${calendarMinutes(minutes)}:00 UTC
Persistent=true

[Install]
WantedBy=timers.target
`;

/** Why systemd cannot hold the paths, or `undefined`. */
export function faultOfSystemd({ root, subject, node, program, path }: Schedule): string | undefined {
  const odd = [root, subject, node, program, path].find((one) => /[\\\p{Cc}]/u.test(one) || one.trim() !== one);
  return odd === undefined ? undefined : `systemd cannot hold the path ${JSON.stringify(odd)}`;
}

/** systemd writes a step as `0/15`. */
const calendarMinutes = (minutes: readonly number[]): string => minuteField(minutes).replace('*/', '0/');

const specifiersEscaped = (text: string): string => text.replaceAll('%', '%%');

const quoted = (text: string): string => {
  const escaped = specifiersEscaped(text).replaceAll('"', '\\"');
  return /[\s"']/.test(text) ? `"${escaped}"` : escaped;
};

/** In a command, `$` begins a variable too. */
const commandWord = (text: string): string => quoted(text).replaceAll('$', '$$$$');
