// A step that does what its test says: it announces itself on the test's socket and obeys commands, one JSON line each.
// When the test is gone it ends, so that no test leaves a process behind, whatever it ignores.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const name = process.argv[2] ?? process.env.REFIT_STEP;
const socket = connect(process.env.STEERING_SOCKET);
const send = (message, then) => socket.write(`${JSON.stringify(message)}\n`, then);

const obey = {
  write: (path, text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  },
  print: (text) => process.stdout.write(`${text}\n`),
  ignore: (signal) => process.on(signal, () => send({ signal })),
  spawn: () => spawn(process.execPath, [process.argv[1], `${name}/child`], { stdio: 'ignore' }),
};

socket.on('connect', () => send({ started: name, pid: process.pid, attempt: Number(process.env.REFIT_ATTEMPT) }));
socket.on('error', () => process.exit(70));
socket.on('close', () => process.exit(70));
createInterface({ input: socket }).on('line', (line) => {
  const { id, command, args } = JSON.parse(line);
  if (command === 'exit') send({ done: id }, () => process.exit(args[0]));
  else {
    obey[command](...args);
    send({ done: id });
  }
});
