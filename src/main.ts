import module from 'node:module';
import { watchOutput } from './cli/ending/lost-output.js';
import { leaveQueries } from './cli/ending/running-queries.js';
import { VERSION } from './cli/version.js';

// Node 22 and newer can cache the compiled code of everything loaded from here on.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();

watchOutput();
const [only, ...more] = process.argv.slice(2);
// Scripts and installers ask for the version: answer without loading the argument parser.
const isVersion = (word: string | undefined): boolean => word === '--version' || word === '-V';
if (more.length === 0 && isVersion(only)) process.stdout.write(`${VERSION}\n`);
else if (more.length === 1 && isVersion(only) && more[0] === '--verbose')
  process.stdout.write(await (await import('./cli/version-details.js')).versionDetails());
else {
  await (await import('./run-program.js')).runProgram();
  await leaveQueries();
}

// Exit explicitly when no work is left: tearing DuckDB down takes 100 ms and frees nothing we need. Registered only now:
// a command that never settles must still exit with code 13, Node's own for that.
process.once('beforeExit', () => process.exit());
