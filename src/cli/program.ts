import { Command } from 'commander';
import { VERSION } from './version.js';

type Add = (program: Command) => Command;

/** Every command, grouped as help shows them; each is loaded when it is used. */
const GROUPS: readonly (readonly [heading: string, commands: Readonly<Record<string, () => Promise<Add>>>])[] = [
  [
    'Start here:',
    {
      init: async () => (await import('./commands/init.js')).addInit,
      run: async () => (await import('./commands/run.js')).addRun,
      status: async () => (await import('./commands/queries.js')).addStatus,
      'check-drift': async () => (await import('./commands/check-drift.js')).addCheckDrift,
      retrain: async () => (await import('./commands/retrain.js')).addRetrain,
      why: async () => (await import('./commands/queries.js')).addWhy,
      rollback: async () => (await import('./commands/rollback.js')).addRollback,
    },
  ],
  [
    'Pipelines:',
    {
      validate: async () => (await import('./commands/validate.js')).addValidate,
      plan: async () => (await import('./commands/plan.js')).addPlan,
      test: async () => (await import('./commands/test.js')).addTest,
      schema: async () => (await import('./commands/schema.js')).addSchema,
    },
  ],
  [
    'Data:',
    {
      'check-data': async () => (await import('./commands/check-data.js')).addCheckData,
      'check-performance': async () => (await import('./commands/check-performance.js')).addCheckPerformance,
      backtest: async () => (await import('./commands/backtest.js')).addBacktest,
      'evaluate-detectors': async () => (await import('./commands/evaluate-detectors.js')).addEvaluateDetectors,
      resolve: async () => (await import('./commands/resolve.js')).addResolve,
      event: async () => (await import('./commands/event.js')).addEvent,
    },
  ],
  [
    'Deciding:',
    {
      trigger: async () => (await import('./commands/trigger.js')).addTrigger,
      decisions: async () => (await import('./commands/decisions.js')).addDecisions,
      pause: async () => (await import('./commands/acts.js')).addPause,
      resume: async () => (await import('./commands/acts.js')).addResume,
      notify: async () => (await import('./commands/notify.js')).addNotify,
      review: async () => (await import('./commands/acts.js')).addReview,
    },
  ],
  [
    'Models and runs:',
    {
      promote: async () => (await import('./commands/promote.js')).addPromote,
      approve: async () => (await import('./commands/approve.js')).addApprove,
      reject: async () => (await import('./commands/approve.js')).addReject,
      served: async () => (await import('./commands/served.js')).addServed,
      note: async () => (await import('./commands/note.js')).addNote,
      runs: async () => (await import('./commands/queries.js')).addRuns,
      show: async () => (await import('./commands/queries.js')).addShow,
      logs: async () => (await import('./commands/logs.js')).addLogs,
      metrics: async () => (await import('./commands/queries.js')).addMetrics,
      models: async () => (await import('./commands/queries.js')).addModels,
      delivery: async () => (await import('./commands/delivery.js')).addDelivery,
    },
  ],
  [
    'Lineage:',
    {
      diff: async () => (await import('./commands/lineage.js')).addDiff,
      reproduce: async () => (await import('./commands/lineage.js')).addReproduce,
      report: async () => (await import('./commands/report.js')).addReport,
      lineage: async () => (await import('./commands/lineage.js')).addLineage,
      impact: async () => (await import('./commands/lineage.js')).addImpact,
    },
  ],
  [
    'Upkeep:',
    {
      push: async () => (await import('./commands/remotes.js')).addPush,
      pull: async () => (await import('./commands/remotes.js')).addPull,
      import: async () => (await import('./commands/import.js')).addImport,
      export: async () => (await import('./commands/export.js')).addExport,
      verify: async () => (await import('./commands/upkeep.js')).addVerify,
      doctor: async () => (await import('./commands/upkeep.js')).addDoctor,
      gc: async () => (await import('./commands/upkeep.js')).addGc,
      registry: async () => (await import('./commands/upkeep.js')).addRegistry,
    },
  ],
];

/** The command line: whole, or just the one command that is used, which is all that it then needs to know. */
export async function createProgram(used?: string): Promise<Command> {
  const program = new Command('refit')
    .description('keeps machine-learning models fitted to a changing world')
    .version(VERSION)
    .showHelpAfterError('  → refit --help lists the commands')
    .configureHelp({ showGlobalOptions: false });
  const isKnown = GROUPS.some(([, commands]) => used !== undefined && Object.hasOwn(commands, used));
  for (const [heading, commands] of GROUPS)
    for (const [name, load] of Object.entries(commands))
      if (!isKnown || name === used) withCommonOptions((await load())(program)).helpGroup(heading);
  return program;
}

function withCommonOptions(command: Command): Command {
  command.showHelpAfterError(`  → refit ${command.name()} --help says more`);
  if (command.name() === 'schema') return command;
  return command
    .option('--json', 'one JSON document on stdout')
    .option('--plain', 'one line of progress an event, no spinner')
    .option('--verbose', 'show what the steps print')
    .option('--quiet', 'no progress');
}
