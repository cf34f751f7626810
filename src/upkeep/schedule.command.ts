import { type Command, Option } from 'commander';
import { type Answer, answer, type CommonOptions, perform, UsageError } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import type { OpenServices } from '../cli/services.js';
import type { Failure } from '../domain/failure.js';
import type { Result } from '../domain/support/result.js';
import type { PlannedChange } from './schedule/install-schedule.js';
import type { Target } from './schedule/print-schedule.js';

const TARGETS = ['cron', 'systemd', 'github-actions', 'gitlab', 'kubernetes'] as const satisfies readonly Target[];
const INSTALLABLE = ['cron', 'systemd'] as const;
type Installable = (typeof INSTALLABLE)[number];

interface ScheduleOptions extends CommonOptions {
  readonly all?: boolean;
  readonly print?: Target;
  readonly install?: Installable;
  readonly remove?: Installable;
  readonly image?: string;
  readonly yes?: boolean;
}

export const addSchedule = (program: Command): Command =>
  program
    .command('schedule')
    .description('Call retrain regularly: print the schedule, or install it in your crontab or systemd timers')
    .argument('[pipeline]', 'name or file', pipelineArgument)
    .option('--all', 'one schedule for every pipeline with a "retrain" section')
    .addOption(new Option('--print <target>', 'print it, to be put where you schedule jobs').choices(TARGETS))
    .addOption(
      new Option('--install [target]', 'put it into your crontab or timers').choices(INSTALLABLE).preset('cron'),
    )
    .addOption(new Option('--remove [target]', 'take it out again').choices(INSTALLABLE).preset('cron'))
    .option('--image <image>', 'with --print kubernetes: an image with refit and what the steps need')
    .option('--yes', 'change the crontab or the timers without asking')
    .action(async (name: string | undefined, options: ScheduleOptions) => {
      requireForm(name, options);
      await perform('schedule', options, 'read', async (services) => {
        const { ALL } = await import('./schedule/plan-schedule.js');
        const asked = name ?? ALL;
        return options.print === undefined ? change(services, asked, options) : print(services, asked, options);
      });
    });

function requireForm(name: string | undefined, { all, print, install, remove, image }: ScheduleOptions): void {
  if ((name === undefined) === (all !== true))
    throw new UsageError(
      name === undefined ? 'schedule: no pipeline is given' : `schedule: both "${name}" and --all are given`,
      'write refit schedule <pipeline> --print cron, or refit schedule --all --print cron',
    );
  const forms = [print, install, remove].filter((form) => form !== undefined);
  if (forms.length !== 1)
    throw new UsageError(
      `schedule: ${forms.length === 0 ? 'none' : 'more than one'} of --print, --install and --remove is given`,
      `write refit schedule ${name ?? '--all'} --print ${TARGETS.join('|')}, or --install`,
    );
  if ((print === 'kubernetes') !== (image !== undefined))
    throw new UsageError(
      image === undefined
        ? 'schedule: --print kubernetes does not know the image'
        : 'schedule: --image belongs to --print kubernetes',
      `write refit schedule ${name ?? '--all'} --print kubernetes --image registry.example.org/team/refit:1`,
    );
}

async function print(
  services: OpenServices,
  asked: string,
  { print: target = 'cron', image = '' }: ScheduleOptions,
): Promise<Result<Answer, Failure>> {
  const { planSchedule } = await import('./schedule/plan-schedule.js');
  const { printSchedule, warningOf } = await import('./schedule/print-schedule.js');
  const { printedScheduleView } = await import('./views/schedule-view.js');
  const schedule = await planSchedule(services, asked);
  if (!schedule.ok) return schedule;
  const warning = warningOf(schedule.value, target);
  if (warning !== undefined) services.emit({ type: 'warning', code: 'schedule', text: warning });
  const text = printSchedule(schedule.value, target, image);
  return text.ok ? answer(printedScheduleView(target, schedule.value.subject, text.value)) : text;
}

async function change(
  services: OpenServices,
  asked: string,
  options: ScheduleOptions,
): Promise<Result<Answer, Failure>> {
  const { scheduleChangeView } = await import('./views/schedule-view.js');
  const planned = await plan(services, asked, options);
  if (!planned.ok) return planned;
  const { apply, ...facts } = planned.value;
  const shown = (isDone: boolean, isDiffShown: boolean) =>
    answer(scheduleChangeView({ ...facts, isDone }, isDiffShown));
  if (facts.diff.length === 0) return shown(false, false);
  const isAsked = options.yes !== true;
  if (isAsked && !(await isConfirmed(services, planned.value, options))) return shown(false, true);
  const done = await apply();
  return done.ok ? shown(true, isAsked) : done;
}

async function plan(
  services: OpenServices,
  asked: string,
  { install, remove = 'cron' }: ScheduleOptions,
): Promise<Result<PlannedChange, Failure>> {
  const { planSchedule, removedSubject } = await import('./schedule/plan-schedule.js');
  const plans = await import('./schedule/install-schedule.js');
  const { schedules, files } = services;
  if (install === undefined) {
    const owner = { root: files.root, subject: removedSubject(services, asked) };
    return remove === 'cron' ? plans.planCronRemoval(schedules, owner) : plans.planTimerRemoval(schedules, owner);
  }
  const schedule = await planSchedule(services, asked);
  if (!schedule.ok) return schedule;
  return install === 'cron'
    ? plans.planCronInstall(schedules, schedule.value)
    : plans.planTimerInstall(schedules, schedule.value);
}

async function isConfirmed(
  { output }: OpenServices,
  { target, diff }: PlannedChange,
  { json }: ScheduleOptions,
): Promise<boolean> {
  const { canAsk, confirm } = await import('../cli/confirm.js');
  if (json === true || !canAsk())
    throw new UsageError(
      `schedule: this would change ${target}, and nobody can be asked here\n${diff.join('\n')}`,
      'add --yes',
    );
  output.show('schedule', { json: {}, parts: [{ kind: 'text', lines: diff }] });
  return confirm(target === 'cron' ? 'Change your crontab?' : 'Change your systemd timers?');
}
