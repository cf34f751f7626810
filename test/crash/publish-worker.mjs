// One promotion or rollback in a process of its own that dies at a chosen call: argv is promote|rollback <version>; AT is the
// number of the call (0: none), counted over everything that changes a file, the registry or another process, each seen
// before it is made. Prints the calls.
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [action, version] = process.argv.slice(2);
const AT = Number(process.env.AT);
const calls = [];

function seen(name) {
  calls.push(name);
  if (calls.length === AT) process.kill(process.pid, 'SIGKILL');
}

const isChange = (name, args) => !/^open(Sync)?$/.test(name) || /^[wa]/.test(String(args[1]));

function patch(object, label, names) {
  for (const name of names) {
    const original = object[name];
    object[name] = (...args) => {
      if (isChange(name, args)) seen(`${label}.${name}`);
      return original.apply(object, args);
    };
  }
}

const { openServices } = await import('../../dist/cli/services.js');
const { loadModel } = await import('../../dist/models/load-model.js');
const { promote } = await import('../../dist/serving/promote.js');
const { rollBack } = await import('../../dist/serving/roll-back.js');
const output = { emit: () => undefined, show: () => undefined, fail: () => undefined, warn: () => undefined };
const opened = await openServices(
  { workspace: 'write', isVerbose: false, isQuiet: true, signal: new AbortController().signal },
  output,
);
const services = opened.value;
const loaded = await loadModel(services, `m@${version}`);
const options = { now: services.clock.now(), isNowGiven: false, reason: 'test', isForced: false, to: Number(version) };

patch(fsPromises, 'fs', ['rename', 'symlink', 'mkdir', 'rm', 'open']);
patch(fs, 'fs', ['renameSync', 'symlinkSync', 'openSync', 'writeSync', 'fsync', 'copyFile', 'rmSync']);
syncBuiltinESMExports();
const models = services.registry.models;
patch(models, 'registry', ['openIntent', 'commitIntent', 'abortIntent', 'recordHookAttempt', 'endHook']);
patch(services.processes, 'processes', ['run']);

const { pipeline } = loaded.value;
const done =
  action === 'promote'
    ? await promote(services, pipeline, loaded.value.version, options)
    : await rollBack(services, pipeline, options);
if (!done.ok) throw new Error(JSON.stringify(done.error));
// and once more when all is done
seen('end');
await services[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify(calls));
