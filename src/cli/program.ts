import { Command } from 'commander';
import { addCheckData } from './commands/check-data.js';
import { addCheckDrift } from './commands/check-drift.js';
import { addEvaluateDetectors } from './commands/evaluate-detectors.js';
import { addEvent } from './commands/event.js';
import { addInit } from './commands/init.js';
import { addPlan } from './commands/plan.js';
import { addPromote } from './commands/promote.js';
import { addQueries, addStatus, addWhy } from './commands/queries.js';
import { addResolve } from './commands/resolve.js';
import { addRetrain } from './commands/retrain.js';
import { addRollback } from './commands/rollback.js';
import { addRun } from './commands/run.js';
import { addSchema } from './commands/schema.js';
import { addTest } from './commands/test.js';
import { addValidate } from './commands/validate.js';
import { VERSION } from './version.js';

/** The whole command line. Flows are loaded by the command that is used. */
export function createProgram(): Command {
  const program = new Command('refit')
    .description('keeps machine-learning models fitted to a changing world')
    .version(VERSION)
    .showHelpAfterError('  → refit --help lists the commands')
    .configureHelp({ showGlobalOptions: false });
  const lead = [addInit, addRun, addStatus, addCheckDrift, addRetrain, addWhy, addRollback].map((add) => add(program));
  const build = [addValidate, addPlan, addTest, addSchema].map((add) => add(program));
  const watch = [addCheckData, addEvaluateDetectors, addResolve, addEvent].map((add) => add(program));
  const serve = [addPromote(program), ...addQueries(program)];
  for (const command of lead) command.helpGroup('Start here:');
  for (const command of build) command.helpGroup('Pipelines:');
  for (const command of watch) command.helpGroup('Data:');
  for (const command of serve) command.helpGroup('Models and runs:');
  for (const command of [...lead, ...build, ...watch, ...serve]) {
    command.showHelpAfterError(`  → refit ${command.name()} --help says more`);
    if (command.name() === 'schema') continue;
    command
      .option('--json', 'one JSON document on stdout')
      .option('--plain', 'one line of progress an event, no spinner')
      .option('--verbose', 'show what the steps print')
      .option('--quiet', 'no progress');
  }
  return program;
}
