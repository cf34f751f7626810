import { Command } from 'commander';
import { surroundCommands } from './cli/action.js';
import { terminalWidth } from './cli/terminal-width.js';
import { VERSION } from './cli/version.js';
import { examplesText } from './cli/words/help-examples.js';

type Add = (program: Command) => Command;

/**
 * All commands, grouped as help shows them: the seven for a start, then by capability. Each is loaded when it is used.
 */
const GROUPS: readonly (readonly [heading: string, commands: Readonly<Record<string, () => Promise<Add>>>])[] = [
  [
    'Start here:',
    {
      init: async () =>
        (await import('./pipeline/init.command.js')).addInit(async () => (await import('./run/find-run.js')).findRun),
      run: async () => (await import('./run/run.command.js')).addRun,
      status: async () => (await import('./status/status.command.js')).addStatus,
      'check-drift': async () => (await import('./drift/check-drift.command.js')).addCheckDrift,
      retrain: async () => (await import('./retrain/retrain.command.js')).addRetrain,
      why: async () => (await import('./lineage/why.command.js')).addWhy,
      rollback: async () => (await import('./serving/rollback.command.js')).addRollback,
    },
  ],
  [
    'Pipeline:',
    {
      validate: async () =>
        (await import('./pipeline/validate.command.js')).addValidate(
          async () => (await import('./execute/trace/check-traces.js')).checkTraces,
        ),
      schema: async () => (await import('./pipeline/schema.command.js')).addSchema,
      helper: async () => (await import('./pipeline/helper.command.js')).addHelper,
    },
  ],
  [
    'Run:',
    {
      plan: async () => (await import('./run/plan.command.js')).addPlan,
      test: async () => (await import('./run/test.command.js')).addTest,
      track: async () => (await import('./run/track.command.js')).addTrack,
      runs: async () => (await import('./run/runs.command.js')).addRuns,
      show: async () => (await import('./run/show.command.js')).addShow,
      logs: async () => (await import('./run/logs.command.js')).addLogs,
      metrics: async () => (await import('./run/metrics.command.js')).addMetrics,
    },
  ],
  [
    'Data:',
    {
      'check-data': async () =>
        (await import('./data/check-data.command.js')).addCheckData(
          async () => (await import('./drift/find-data-bugs.js')).findDataBugs,
        ),
      resolve: async () => (await import('./data/resolve.command.js')).addResolve,
      event: async () => (await import('./data/event.command.js')).addEvent,
    },
  ],
  [
    'Performance:',
    {
      'check-performance': async () =>
        (await import('./performance/check-performance.command.js')).addCheckPerformance(
          async () => (await import('./gate/earned-verdicts.js')).earnedVerdicts,
        ),
      profile: async () => (await import('./drift/profile.command.js')).addProfile,
      'evaluate-detectors': async () =>
        (await import('./performance/evaluate-detectors.command.js')).addEvaluateDetectors,
    },
  ],
  [
    'Models:',
    {
      models: async () => (await import('./models/models.command.js')).addModels,
      note: async () => (await import('./models/note.command.js')).addNote,
    },
  ],
  [
    'Serving:',
    {
      promote: async () => (await import('./serving/promote.command.js')).addPromote,
      approve: async () => (await import('./serving/approve.command.js')).addApprove,
      reject: async () => (await import('./serving/approve.command.js')).addReject,
      served: async () => (await import('./serving/served.command.js')).addServed,
      delivery: async () => (await import('./serving/delivery.command.js')).addDelivery,
    },
  ],
  [
    'Retrain:',
    {
      trigger: async () => (await import('./retrain/trigger.command.js')).addTrigger,
      decisions: async () => (await import('./retrain/decisions.command.js')).addDecisions,
      pause: async () => (await import('./retrain/pause.command.js')).addPause,
      resume: async () => (await import('./retrain/pause.command.js')).addResume,
      review: async () => (await import('./retrain/pause.command.js')).addReview,
      backtest: async () => (await import('./retrain/backtest/backtest.command.js')).addBacktest,
    },
  ],
  [
    'Lineage:',
    {
      lineage: async () => (await import('./lineage/lineage.command.js')).addLineage,
      impact: async () => (await import('./lineage/impact.command.js')).addImpact,
      diff: async () => (await import('./lineage/diff.command.js')).addDiff,
      reproduce: async () => (await import('./lineage/reproduce.command.js')).addReproduce,
    },
  ],
  [
    'Report:',
    {
      report: async () => (await import('./report/report.command.js')).addReport,
      compare: async () => (await import('./report/compare.command.js')).addCompare,
      comment: async () => (await import('./report/comment.command.js')).addComment,
    },
  ],
  [
    'Remote:',
    {
      push: async () => (await import('./remote/push-pull.command.js')).addPush,
      pull: async () => (await import('./remote/push-pull.command.js')).addPull,
    },
  ],
  [
    'Shell:',
    {
      completion: async () =>
        (await import('./shell/completion.command.js')).addCompletion({
          names: commandNames(),
          load: async (name) => (await createProgram(name)).commands.find((one) => one.name() === name),
        }),
      man: async () => (await import('./shell/man.command.js')).addMan(() => createProgram()),
    },
  ],
  [
    'Upkeep:',
    {
      verify: async () => (await import('./upkeep/verify.command.js')).addVerify,
      doctor: async () => (await import('./upkeep/doctor.command.js')).addDoctor,
      schedule: async () => (await import('./upkeep/schedule.command.js')).addSchedule,
      gc: async () => (await import('./upkeep/gc.command.js')).addGc,
      registry: async () => (await import('./upkeep/registry.command.js')).addRegistry,
    },
  ],
  [
    'Notify and interop:',
    {
      notify: async () => (await import('./notify/notify.command.js')).addNotify,
      import: async () => (await import('./interop/import.command.js')).addImport,
      export: async () => (await import('./interop/export.command.js')).addExport,
    },
  ],
];

const commandNames = (): readonly string[] => GROUPS.flatMap(([, commands]) => Object.keys(commands));

/** Help is for people: where there is no terminal, it has the width of a usual one. */
const HELP_WIDTH = 80;
const LEAST_HELP_WIDTH = 16;

surroundCommands({
  forReading: async (services) => (await import('./run/show-lost.js')).showLost(services),
  afterWriting: async (services, startedAt) =>
    (await import('./notify/notify-channels.js')).notifyChannels(services, startedAt),
});

/** The command line with all commands, or only with the command that is used, which loads faster. */
export async function createProgram(used?: string): Promise<Command> {
  const program = new Command('refit')
    .description('Keeps machine-learning models fitted to a changing world')
    .version(VERSION, '-V, --version', 'print the version; with --verbose also those of node, DuckDB and git')
    .configureOutput({
      // The error boundary reports what is wrong, in words of one kind.
      outputError: () => undefined,
      getOutHelpWidth: () => terminalWidth(process.stdout) ?? HELP_WIDTH,
      getErrHelpWidth: () => terminalWidth(process.stderr) ?? HELP_WIDTH,
    })
    .showSuggestionAfterError(false)
    .configureHelp({
      showGlobalOptions: false,
      minWidthToWrap: LEAST_HELP_WIDTH,
      // The list shows names only, which leaves room for what they do; each command's own help shows its arguments.
      subcommandTerm: (command) => command.name(),
    });
  const isKnown = GROUPS.some(([, commands]) => used !== undefined && Object.hasOwn(commands, used));
  for (const [heading, commands] of GROUPS)
    for (const [name, load] of Object.entries(commands))
      if (!isKnown || name === used) withCommonOptions((await load())(program)).helpGroup(heading);
  return program;
}

/** Commands whose output is a file for another program. */
const PRINTS_A_FILE: readonly string[] = ['schema', 'completion', 'man', 'helper'];

function withCommonOptions(command: Command): Command {
  command.addHelpText('after', () => examplesText(command.name()));
  if (PRINTS_A_FILE.includes(command.name())) return command;
  return command
    .option('--json', 'print one JSON document on stdout')
    .option('--plain', 'one line per event instead of a spinner')
    .option('--verbose', 'show the output of steps')
    .option('--quiet', 'show no progress');
}
