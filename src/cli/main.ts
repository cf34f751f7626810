import module from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { VERSION } from './version.js';

// Node 22 and newer keep the compiled code of all that is loaded from here on
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();
// Node 20 optimises code that a command is done with before it pays: a sixth of a run of a thousand steps
else setFlagsFromString('--interrupt-budget=1000000');

const [only, ...more] = process.argv.slice(2);
// asked by scripts and installers: not worth loading a parser for
if (more.length === 0 && (only === '--version' || only === '-V')) process.stdout.write(`${VERSION}\n`);
else await (await import('./run-program.js')).runProgram();
