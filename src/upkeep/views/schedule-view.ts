import type { View } from '../../domain/view.js';
import { dim, line, strong, toned } from '../../render/parts/parts.js';

/** A change of the user's crontab or timers. */
export interface ScheduleChange {
  readonly action: 'install' | 'remove';
  readonly target: 'cron' | 'systemd';
  readonly subject: string;
  /** What changes, as `diff -u` shows it. Empty if nothing does. */
  readonly diff: readonly string[];
  readonly isDone: boolean;
}

/** The view of `schedule --print`: the text as it is, to be written to a file. */
export const printedScheduleView = (target: string, subject: string, text: string): View => ({
  json: { target, pipeline: subject === '--all' ? null : subject, text },
  parts: [{ kind: 'text', lines: text.replace(/\n$/, '').split('\n') }],
});

const PLACES = { cron: 'your crontab', systemd: 'your systemd timers' };

/** The view of `schedule --install` and `--remove`. `isDiffShown`: not yet, by the question. */
export function scheduleChangeView(change: ScheduleChange, isDiffShown: boolean): View {
  const { action, target, subject, diff, isDone } = change;
  return {
    json: { target, pipeline: subject === '--all' ? null : subject, action, changed: isDone, diff: [...diff] },
    parts: [...(isDiffShown || diff.length === 0 ? [] : [{ kind: 'text' as const, lines: diff }]), outcome(change)],
  };
}

function outcome({ action, target, subject, diff, isDone }: ScheduleChange) {
  const place = PLACES[target];
  if (diff.length === 0)
    return line(
      dim('nothing to change: '),
      `${place} ${action === 'install' ? 'already calls' : 'has no line for'} ${subject}`,
    );
  if (!isDone) return line(toned('left as it is: ', 'warn'), place);
  return action === 'install'
    ? line(toned('installed ', 'good'), strong(subject), ` in ${place}`)
    : line(toned('removed ', 'good'), strong(subject), ` from ${place}`);
}
