// One push or pull in a process of its own that dies at a chosen call: argv is push|pull <remote>; AT is the name of the
// call and its place among those of that name, `fs.rename remote/log#1` (empty: none). Everything counts that changes a file
// or the registry, each seen before it is made. Prints the calls.
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [action, remote] = process.argv.slice(2);
const { AT } = process.env;
const calls = [];

function seen(name) {
  calls.push(`${name}#${calls.filter((call) => call.startsWith(`${name}#`)).length + 1}`);
  if (calls.at(-1) === AT) process.kill(process.pid, 'SIGKILL');
}

const isChange = (name, args) => !/^open(Sync)?$/.test(name) || /^[wa]/.test(String(args[1]));
/** Which of the remote's and the workspace's places it is made in: that names the step. */
function placeOf(args) {
  const target = String(typeof args[1] === 'string' && args[1].startsWith('/') ? args[1] : args[0]);
  if (target.startsWith(remote)) return `remote/${target.slice(remote.length + 1).split('/')[0]}`;
  const [first, second] = target.slice(process.cwd().length + 1).split('/');
  return first === '.refit' ? `.refit/${second}` : first;
}

function patch(object, label, names, place = () => '') {
  for (const name of names) {
    const original = object[name];
    object[name] = (...args) => {
      if (isChange(name, args)) seen(`${label}.${name} ${place(args)}`.trim());
      return original.apply(object, args);
    };
  }
}

const { openServices } = await import('../../dist/cli/services.js');
const { push } = await import('../../dist/remote/push.js');
const { pull } = await import('../../dist/remote/pull.js');
const output = { emit: () => undefined, show: () => undefined, fail: () => undefined, warn: () => undefined };
const opened = await openServices(
  { workspace: 'write', isVerbose: false, isQuiet: true, signal: new AbortController().signal },
  output,
);
const services = opened.value;
const exchange = await services.registry.exchange();
const named = { text: remote, path: remote };

patch(fsPromises, 'fs', ['rename', 'symlink', 'mkdir', 'rm', 'open', 'copyFile', 'writeFile'], placeOf);
patch(fs, 'fs', ['renameSync', 'openSync', 'writeSync', 'createWriteStream'], placeOf);
syncBuiltinESMExports();
patch(exchange, 'registry', ['merge', 'recordSent', 'recordPlace', 'recordFetched']);

const done =
  action === 'push'
    ? await push(services, named, { isAll: false, isNew: false })
    : await pull(services, named, { isAll: false, isNew: false });
if (!done.ok) throw new Error(JSON.stringify(done.error));
// and once more when all is done
seen('end');
await services[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify(calls));
