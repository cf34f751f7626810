import { VERSION } from './version.js';

const [only, ...more] = process.argv.slice(2);
// asked by scripts and installers: not worth loading a parser for
if (more.length === 0 && (only === '--version' || only === '-V')) process.stdout.write(`${VERSION}\n`);
else await (await import('./run-program.js')).runProgram();
