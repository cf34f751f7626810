import { Argument, type Command } from 'commander';
import {
  answer,
  answerWith,
  type CommonOptions,
  parseCount,
  parseNow,
  perform,
  UsageError,
  whenOf,
} from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import type { Instant } from '../domain/support/time.js';

/** The commands that look after the registry and the store themselves. */
export const addVerify = (program: Command): Command =>
  program
    .command('verify')
    .description('whether every stored byte and registry row is still what was recorded, and what is touched if not')
    .argument('[artifact]', 'just one: model@version, a path, or the beginning of a hash')
    .option('--fast', 'do not read again what was not touched since it was last proved')
    .action(async (subject: string | undefined, options: CommonOptions & { fast?: boolean }) => {
      await perform('verify', options, 'read', async (services) => {
        const { verify } = await import('./verify.js');
        const { presentVerification } = await import('./views/verify-view.js');
        const found = await verify(services, {
          isFast: options.fast ?? false,
          only: subject === undefined ? undefined : { subject, path: services.place(subject).path },
        });
        if (!found.ok) return found;
        const { view, isWhole } = presentVerification(found.value);
        return answer(view, isWhole ? EXIT.done : EXIT.integrity);
      });
    });

export const addRegistry = (program: Command): Command =>
  program
    .command('registry')
    .description('a consistent copy of the registry, made while others work with it')
    .addArgument(new Argument('<action>', 'what to do').choices(['backup']))
    .argument('<file>', 'where the copy goes; it must not exist')
    .action(async (_action: string, file: string, options: CommonOptions) => {
      await perform('registry', options, 'read', async (services) => {
        const { backUpRegistry } = await import('./back-up.js');
        return answerWith(await backUpRegistry(services, services.place(file)));
      });
    });

export const addDoctor = (program: Command): Command =>
  program
    .command('doctor')
    .description('what a crash or a hand has left amiss, and what mends it')
    .option('--repair', 'do what can be done')
    .action(async (options: CommonOptions & { repair?: boolean }) => {
      const isRepairing = options.repair ?? false;
      await perform('doctor', options, isRepairing ? 'write' : 'read', async (services) => {
        const { doctor } = await import('./doctor.js');
        const { doctorView } = await import('./views/upkeep-view.js');
        const ailments = await doctor(services, isRepairing);
        const isIll = ailments.some((one) => one.isMended !== true);
        const failures = ailments.flatMap((one) => one.failure ?? []);
        const isDamage = ailments.some((one) => one.isMended !== true && DAMAGE.has(one.code));
        return answer(
          doctorView(ailments, isRepairing),
          isIll ? (isDamage ? EXIT.integrity : EXIT.failed) : EXIT.done,
          failures,
        );
      });
    });

/** What is lost, and not only left lying about. */
const DAMAGE: ReadonlySet<string> = new Set(['registry-damaged', 'ledger-broken', 'object-missing', 'not-served']);

interface GcOptions extends CommonOptions {
  readonly apply?: boolean;
  readonly versions?: number;
  readonly days?: number;
  readonly keep?: readonly string[];
  readonly now?: Instant;
}

export const addGc = (program: Command): Command =>
  program
    .command('gc')
    .description('what nothing needs any more, by the retention of refit.yaml; with --apply it goes')
    .option('--apply', 'take it away; without this it is only told')
    .option('--versions <n>', 'keep so many of the newest versions of each model (10)', parseCount('--versions'))
    .option('--days <n>', 'keep what is not older (90)', parseDays)
    .option(
      '--keep <model@version>',
      'keep this version; repeat it for more',
      (name, sofar: readonly string[] = []) => [...sofar, name],
    )
    .option('--now <time>', 'as if it were this moment', parseNow)
    .action(async (options: GcOptions) => {
      await perform('gc', options, options.apply === true ? 'write' : 'read', async (services) => {
        const { collectGarbage } = await import('./gc.js');
        const { gcView } = await import('./views/upkeep-view.js');
        const done = await collectGarbage(services, {
          now: whenOf(services, options.now).now,
          isApplied: options.apply ?? false,
          versions: options.versions,
          days: options.days,
          keep: options.keep,
        });
        return done.ok ? answer(gcView(done.value)) : done;
      });
    });

function parseDays(text: string): number {
  const days = Number(text.replace(/d$/, ''));
  if (!Number.isInteger(days) || days < 0)
    throw new UsageError(`--days ${text}: not a number of days`, 'write --days 30');
  return days;
}
