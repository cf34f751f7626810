/**
 * Joins what the compiler wrote into few files: Node spends half a millisecond and more on every module it loads, and a
 * run where nothing is to do should cost little more than starting Node. Names carry a hash of the contents, so that what
 * was computed by other code is not taken for ours.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const folder = join(dist, 'bundle');

/** Packages of one repository that carry no copy of its licence (their package.json names the same one). */
const LICENSED_AS = {
  '@aws-sdk/credential-provider-http': 'client-s3',
  '@aws-sdk/credential-provider-login': 'client-s3',
  '@aws-sdk/nested-clients': 'client-s3',
};

/** What `refit run` loads where nothing is to do, besides what these import: one file of it is loaded in half the time. */
const ALWAYS = [
  'run-program.js',
  'cli/services.js',
  'run/run.command.js',
  'pipeline/load-pipeline.js',
  'run/views/run-view.js',
  'run/run-pipeline.js',
  'notify/tell-others.js',
].map((path) => join(dist, path));
/** Asked for its version alone, refit loads this and no more. */
const VERSION = join(dist, 'cli/version.js');
/** Of the threads that hash. */
const SMALL = ['artifacts/hashing/hash-file.js'].map((path) => join(dist, path));
const [always, small] = [new Set(), new Set()];

const collectGroups = {
  name: 'collect-groups',
  buildEnd() {
    const add = (group, id) => {
      if (group.has(id)) return;
      group.add(id);
      for (const imported of this.getModuleInfo(id)?.importedIds ?? []) add(group, imported);
    };
    for (const id of ALWAYS) add(always, id);
    for (const id of SMALL) add(small, id);
  },
};

const NATIVE = 'better-sqlite3/build/Release/better_sqlite3.node';

/** better-sqlite3 has its native code looked for in a dozen places; npm builds it into this one. */
const findNative = {
  name: 'find-native',
  resolveId: (id) => (id === 'bindings' ? '\0bindings' : undefined),
  load: (id) => (id === '\0bindings' ? `module.exports = () => require('${NATIVE}');` : undefined),
};

const bundle = await rolldown({
  input: {
    main: join(dist, 'main.js'),
    'hash-worker': join(dist, 'artifacts/hashing/hash-worker.js'),
  },
  platform: 'node',
  // tinypool finds the file of its threads beside its own
  external: [NATIVE, '@duckdb/node-bindings', 'tinypool'],
  plugins: [findNative, collectGroups],
  checks: { ineffectiveDynamicImport: false },
});
const { output } = await bundle.write({
  dir: folder,
  format: 'esm',
  codeSplitting: {
    groups: [
      { name: 'version', test: (id) => id === VERSION, priority: 2 },
      { name: 'small', test: (id) => small.has(id), priority: 1 },
      { name: 'always', test: (id) => always.has(id) },
    ],
  },
});
await bundle.close();

// of its own, and no module: the process that starts others is there in half the time
const starter = await rolldown({ input: join(dist, 'platform/processes/starter-main.js'), platform: 'node' });
output.push(...(await starter.write({ file: join(folder, 'starter-main.cjs'), format: 'cjs' })).output);
await starter.close();

writeFileSync(join(folder, 'LICENSES.txt'), licences(output.flatMap(({ moduleIds }) => moduleIds ?? [])));

// what an earlier build left, last: a process that runs meanwhile still loads its parts
const written = new Set(['LICENSES.txt', ...output.map(({ fileName }) => fileName)]);
for (const name of readdirSync(folder)) if (!written.has(name)) rmSync(join(folder, name));

/** What is joined in here of others goes with their terms. */
function licences(modules) {
  const packages = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id) ?? []));
  return [...packages].sort().map(licence).join('\n');
}

function licence(package_) {
  const { name, version } = JSON.parse(readFileSync(join(package_, 'package.json'), 'utf8'));
  const other = LICENSED_AS[name];
  const folder = other === undefined ? package_ : join(package_, '..', other);
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined)
    throw new Error(`${name} has no licence file: say in scripts/bundle.js under which terms it is`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8')}`;
}
