import type { Command } from 'commander';
import { answer, type CommonOptions, parseWait, perform } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';

export const addDoctor = (program: Command): Command =>
  program
    .command('doctor')
    .description('Find what a crash or a manual change left broken, and how to repair it')
    .option('--repair', 'repair what can be repaired')
    .option('--wait <duration>', 'with --repair: wait for a busy pipeline', parseWait)
    .action(async (options: CommonOptions & { readonly repair?: boolean; readonly wait?: number }) => {
      const isRepairing = options.repair ?? false;
      await perform('doctor', options, isRepairing ? 'write' : 'read', async (services) => {
        const { doctor } = await import('./doctor.js');
        const { doctorView } = await import('./views/upkeep-view.js');
        const ailments = await doctor(services, { isRepairing, waitMs: options.wait });
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

/** Codes of real damage, as opposed to leftovers of a crash. */
const DAMAGE: ReadonlySet<string> = new Set([
  'registry-damaged',
  'registry-rewound',
  'ledger-broken',
  'object-missing',
  'not-served',
]);
