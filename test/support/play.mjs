/** Plays commands in one process, as many processes would one after the other: [args…] a line on stdin. */
import { createProgram } from '../../dist/program.js';

const lines = await new Promise((done) => {
  let text = '';
  process.stdin.on('data', (part) => {
    text += part;
  });
  process.stdin.on('end', () => done(text.trim().split('\n')));
});
// one process plays what a year of processes does: each adds its listener
process.setMaxListeners(0);
for (const line of lines) {
  const args = JSON.parse(line);
  const program = await createProgram(args[0]);
  await program.parseAsync(['node', 'refit', ...args]);
}
process.exitCode = 0;
