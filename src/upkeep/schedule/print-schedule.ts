import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { cronLine, faultOfCron } from './cron.js';
import { githubActionsWorkflow } from './github-actions.js';
import { gitlabJob } from './gitlab.js';
import { kubernetesCronJob } from './kubernetes.js';
import type { Schedule } from './schedule.js';
import { faultOfSystemd, systemdUnits } from './systemd.js';

export type Target = 'cron' | 'systemd' | 'github-actions' | 'gitlab' | 'kubernetes';

/** The schedule as a text for `target`. `image` is only for Kubernetes. */
export function printSchedule(schedule: Schedule, target: Target, image: string): Result<string, Failure> {
  switch (target) {
    case 'cron':
      return orFault(faultOfCron(schedule), 'systemd', () => `${cronLine(schedule)}\n`);
    case 'systemd':
      return orFault(faultOfSystemd(schedule), 'cron', () => unitsAsText(systemdUnits(schedule)));
    case 'github-actions':
      return ok(githubActionsWorkflow(schedule));
    case 'gitlab':
      return ok(gitlabJob(schedule));
    case 'kubernetes':
      return ok(kubernetesCronJob(schedule, image));
  }
}

const orFault = (problem: string | undefined, other: Target, text: () => string): Result<string, Failure> =>
  problem === undefined
    ? ok(text())
    : err({ code: 'usage', problem, next: `write --print ${other}, or move the workspace` });

const unitsAsText = (units: Readonly<Record<string, string>>): string =>
  Object.entries(units)
    .map(([name, text]) => `# ~/.config/systemd/user/${name}\n${text}`)
    .join('\n');
