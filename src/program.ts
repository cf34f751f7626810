import { Command } from 'commander';
import { VERSION } from './cli/version.js';

type Add = (program: Command) => Command;

/** Every command, grouped as help shows them; each is loaded when it is used. */
const GROUPS: readonly (readonly [heading: string, commands: Readonly<Record<string, () => Promise<Add>>>])[] = [
  [
    'Start here:',
    {
      init: async () => (await import('./pipeline/init.command.js')).addInit,
      run: async () => (await import('./run/run.command.js')).addRun,
      status: async () => (await import('./status/queries.command.js')).addStatus,
      'check-drift': async () => (await import('./drift/check-drift.command.js')).addCheckDrift,
      retrain: async () => (await import('./retrain/retrain.command.js')).addRetrain,
      why: async () => (await import('./status/queries.command.js')).addWhy,
      rollback: async () => (await import('./serving/rollback.command.js')).addRollback,
    },
  ],
  [
    'Pipelines:',
    {
      validate: async () => (await import('./pipeline/validate.command.js')).addValidate,
      plan: async () => (await import('./run/plan.command.js')).addPlan,
      test: async () => (await import('./run/test.command.js')).addTest,
      schema: async () => (await import('./pipeline/schema.command.js')).addSchema,
    },
  ],
  [
    'Data:',
    {
      'check-data': async () => (await import('./data/check-data.command.js')).addCheckData,
      'check-performance': async () => (await import('./performance/check-performance.command.js')).addCheckPerformance,
      backtest: async () => (await import('./retrain/backtest/backtest.command.js')).addBacktest,
      'evaluate-detectors': async () =>
        (await import('./performance/evaluate-detectors.command.js')).addEvaluateDetectors,
      resolve: async () => (await import('./data/resolve.command.js')).addResolve,
      event: async () => (await import('./data/event.command.js')).addEvent,
    },
  ],
  [
    'Deciding:',
    {
      trigger: async () => (await import('./retrain/trigger.command.js')).addTrigger,
      decisions: async () => (await import('./retrain/decisions.command.js')).addDecisions,
      pause: async () => (await import('./retrain/pause.command.js')).addPause,
      resume: async () => (await import('./retrain/pause.command.js')).addResume,
      notify: async () => (await import('./notify/notify.command.js')).addNotify,
      review: async () => (await import('./retrain/pause.command.js')).addReview,
    },
  ],
  [
    'Models and runs:',
    {
      promote: async () => (await import('./serving/promote.command.js')).addPromote,
      approve: async () => (await import('./serving/approve.command.js')).addApprove,
      reject: async () => (await import('./serving/approve.command.js')).addReject,
      served: async () => (await import('./serving/served.command.js')).addServed,
      note: async () => (await import('./models/note.command.js')).addNote,
      runs: async () => (await import('./status/queries.command.js')).addRuns,
      show: async () => (await import('./status/queries.command.js')).addShow,
      logs: async () => (await import('./run/logs.command.js')).addLogs,
      metrics: async () => (await import('./status/queries.command.js')).addMetrics,
      models: async () => (await import('./status/queries.command.js')).addModels,
      delivery: async () => (await import('./serving/delivery.command.js')).addDelivery,
    },
  ],
  [
    'Lineage:',
    {
      diff: async () => (await import('./lineage/lineage.command.js')).addDiff,
      reproduce: async () => (await import('./lineage/lineage.command.js')).addReproduce,
      report: async () => (await import('./lineage/report.command.js')).addReport,
      lineage: async () => (await import('./lineage/lineage.command.js')).addLineage,
      impact: async () => (await import('./lineage/lineage.command.js')).addImpact,
    },
  ],
  [
    'Upkeep:',
    {
      push: async () => (await import('./remote/remotes.command.js')).addPush,
      pull: async () => (await import('./remote/remotes.command.js')).addPull,
      import: async () => (await import('./interop/import.command.js')).addImport,
      export: async () => (await import('./interop/export.command.js')).addExport,
      verify: async () => (await import('./upkeep/upkeep.command.js')).addVerify,
      doctor: async () => (await import('./upkeep/upkeep.command.js')).addDoctor,
      gc: async () => (await import('./upkeep/upkeep.command.js')).addGc,
      registry: async () => (await import('./upkeep/upkeep.command.js')).addRegistry,
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
