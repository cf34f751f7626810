import type { Failure } from '../../domain/failure.js';
import type { Schedules } from '../../domain/ports/schedules.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { unifiedDiff } from '../../lineage/views/text-diff.js';
import type { ScheduleChange } from '../views/schedule-view.js';
import { faultOfCron, withCronLine, withoutCronLine } from './cron.js';
import type { Schedule } from './schedule.js';
import { faultOfSystemd, systemdUnits, unitNames } from './systemd.js';

/** A change of the user's schedule that was not made yet. */
export interface PlannedChange extends Omit<ScheduleChange, 'isDone'> {
  readonly apply: () => Promise<Result<void, Failure>>;
}

type Owner = Pick<Schedule, 'root' | 'subject'>;

export async function planCronInstall(
  schedules: Schedules,
  schedule: Schedule,
): Promise<Result<PlannedChange, Failure>> {
  const fault = faultOfCron(schedule);
  if (fault !== undefined) return err({ code: 'usage', problem: fault, next: 'write --install systemd' });
  return planCron(schedules, (crontab) => withCronLine(crontab, schedule), { ...schedule, action: 'install' });
}

export const planCronRemoval = (schedules: Schedules, owner: Owner): Promise<Result<PlannedChange, Failure>> =>
  planCron(schedules, (crontab) => withoutCronLine(crontab, owner), { ...owner, action: 'remove' });

async function planCron(
  schedules: Schedules,
  changed: (crontab: string) => string,
  { subject, action }: Pick<PlannedChange, 'subject' | 'action'>,
): Promise<Result<PlannedChange, Failure>> {
  const before = await schedules.readCrontab();
  if (!before.ok) return before;
  const after = changed(before.value);
  return ok({
    subject,
    action,
    target: 'cron',
    diff: unifiedDiff(asText(before.value), asText(after), 'crontab'),
    apply: async () => {
      const again = await schedules.readCrontab();
      if (!again.ok) return again;
      if (again.value !== before.value) return err(CHANGED);
      return schedules.writeCrontab(after);
    },
  });
}

const CHANGED: Failure = {
  code: 'schedule-unusable',
  program: 'crontab',
  reason: 'somebody else changed it since it was read, so it was left as it is; repeat the command',
};

/** The bytes of a crontab as text. */
const asText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

export async function planTimerInstall(
  schedules: Schedules,
  schedule: Schedule,
): Promise<Result<PlannedChange, Failure>> {
  const fault = faultOfSystemd(schedule);
  if (fault !== undefined)
    return err({ code: 'usage', problem: fault, next: 'move the workspace, or write --install cron' });
  const units = systemdUnits(schedule);
  const { timer } = unitNames(schedule);
  const diff = await diffOfUnits(schedules, units);
  if (!diff.ok) return diff;
  const { subject } = schedule;
  const apply = () => schedules.installTimer(units, timer);
  return ok({ subject, action: 'install', target: 'systemd', diff: diff.value, apply });
}

export async function planTimerRemoval(schedules: Schedules, owner: Owner): Promise<Result<PlannedChange, Failure>> {
  const names = unitNames(owner);
  const units = [names.service, names.timer];
  const diff = await diffOfUnits(schedules, Object.fromEntries(units.map((name) => [name, ''])));
  if (!diff.ok) return diff;
  const { subject } = owner;
  const apply = () => schedules.removeTimer(units, names.timer);
  return ok({ subject, action: 'remove', target: 'systemd', diff: diff.value, apply });
}

async function diffOfUnits(
  schedules: Schedules,
  units: Readonly<Record<string, string>>,
): Promise<Result<readonly string[], Failure>> {
  const lines: string[] = [];
  for (const [name, text] of Object.entries(units)) {
    const before = await schedules.readUnit(name);
    if (!before.ok) return before;
    lines.push(...unifiedDiff(before.value, text, name));
  }
  return ok(lines);
}
