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
      return githubFault(schedule) ?? ok(githubActionsWorkflow(schedule));
    case 'gitlab':
      return ok(gitlabJob(schedule));
    case 'kubernetes':
      return ok(kubernetesCronJob(schedule, image));
  }
}

/** GitHub replaces expressions before a shell sees its quotes. */
function githubFault({ subject, remote, folder }: Schedule): Result<never, Failure> | undefined {
  const odd = [subject, remote?.name ?? '', folder].find((one) => one.includes('${{'));
  if (odd === undefined) return undefined;
  const problem = `GitHub would replace what stands after "\${{" in the name "${odd}"`;
  return err({ code: 'usage', problem, next: 'give it another name' });
}

/** What does not work yet where the schedule goes, or `undefined`. */
export function warningOf({ remote, program }: Schedule, target: Target): string | undefined {
  if ((target === 'github-actions' || target === 'gitlab') && remote === undefined)
    return 'the machine of a job forgets everything, and refit.yaml has no remote: add one, so that history and champion outlive it';
  if ((target === 'cron' || target === 'systemd') && program.includes('/_npx/'))
    return `${program} lies in a cache of npx, which may be emptied: install refit, and print the schedule with that one`;
  return undefined;
}

const orFault = (problem: string | undefined, other: Target, text: () => string): Result<string, Failure> =>
  problem === undefined
    ? ok(text())
    : err({ code: 'usage', problem, next: `write --print ${other}, or move the workspace` });

const unitsAsText = (units: Readonly<Record<string, string>>): string =>
  Object.entries(units)
    .map(([name, text]) => `# ~/.config/systemd/user/${name}\n${text}`)
    .join('\n');
