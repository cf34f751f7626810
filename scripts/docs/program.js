// The only place where the scripts of the documentation import the built program.
export { exitCodeOf } from '../../dist/cli/exit-codes.js';
export { createProgram } from '../../dist/program.js';
