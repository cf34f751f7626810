import module from 'node:module';
import { VERSION } from './version.js';

// Node 22 and newer keep the compiled code of all that is loaded from here on
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();

// nothing is left to be done: the end takes all with it, sooner than it could be taken down piece by piece
process.once('beforeExit', () => process.exit());

const [only, ...more] = process.argv.slice(2);
// asked by scripts and installers: not worth loading a parser for
if (more.length === 0 && (only === '--version' || only === '-V')) process.stdout.write(`${VERSION}\n`);
else await (await import('./run-program.js')).runProgram();
