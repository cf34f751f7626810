import module from 'node:module';
import { VERSION } from './cli/version.js';

// Node 22 and newer keep the compiled code of all that is loaded from here on
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();

const [only, ...more] = process.argv.slice(2);
// asked by scripts and installers: not worth loading a parser for
if (more.length === 0 && (only === '--version' || only === '-V')) process.stdout.write(`${VERSION}\n`);
else await (await import('./run-program.js')).runProgram();

// once nothing is left to be done, to be written either: the end takes all with it, sooner than it could be taken down piece by
// piece. Not set before: a command that never came to its end is to exit with Node's own code for that
process.once('beforeExit', () => process.exit());
