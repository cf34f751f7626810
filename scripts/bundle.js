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

const bundle = await rolldown({
  input: {
    main: join(dist, 'cli/main.js'),
    'hash-worker': join(dist, 'artifacts/hash-worker.js'),
    'starter-main': join(dist, 'platform/processes/starter-main.js'),
  },
  platform: 'node',
  // both find native code beside their own files
  external: [/^better-sqlite3/, /^@duckdb\//],
});
const { output } = await bundle.write({ dir: folder, format: 'esm' });
await bundle.close();

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
