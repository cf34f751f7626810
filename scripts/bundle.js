/**
 * Joins the compiled files and the packages they import into few files: Node spends half a millisecond and more on every
 * module that it loads, and a run with nothing to do should cost little more than starting Node.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const folder = join(dist, 'bundle');

/** Packages without a licence file of their own: they name the same licence as the sibling package given here. */
const LICENSED_AS = {
  '@aws-sdk/credential-provider-http': 'client-s3',
  '@aws-sdk/credential-provider-login': 'client-s3',
  '@aws-sdk/nested-clients': 'client-s3',
};

const NATIVE = 'better-sqlite3/build/Release/better_sqlite3.node';

/** better-sqlite3 searches a dozen places for its native code. npm builds it in this one. */
const findNative = {
  name: 'find-native',
  resolveId: (id) => (id === 'bindings' ? '\0bindings' : undefined),
  load: (id) => (id === '\0bindings' ? `module.exports = () => require('${NATIVE}');` : undefined),
};

const bundle = await rolldown({
  input: {
    main: join(dist, 'main.js'),
    'hash-worker': join(dist, 'artifacts/hashing/hash-worker.js'),
    'sqlite-worker': join(dist, 'sources/sqlite-worker.js'),
    job: join(dist, 'platform/job/job.js'),
  },
  platform: 'node',
  // tinypool starts its threads with a file of its own package.
  external: [NATIVE, '@duckdb/node-bindings', 'tinypool'],
  plugins: [findNative],
  checks: { ineffectiveDynamicImport: false },
});
const { output } = await bundle.write({ dir: folder, format: 'esm' });
await bundle.close();

writeFileSync(join(folder, 'LICENSES.txt'), licences(output.flatMap(({ moduleIds }) => moduleIds ?? [])));

// Remove files of an earlier build last: a refit that is running may still load them. File names hold a hash of the content.
const written = new Set(['LICENSES.txt', ...output.map(({ fileName }) => fileName)]);
for (const name of readdirSync(folder)) if (!written.has(name)) rmSync(join(folder, name));

/** The licence texts of all packages that are part of the bundle. */
function licences(modules) {
  const packages = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id) ?? []));
  return [...packages].sort().map(licence).join('\n');
}

function licence(package_) {
  const { name, version } = JSON.parse(readFileSync(join(package_, 'package.json'), 'utf8'));
  const other = LICENSED_AS[name];
  const folder = other === undefined ? package_ : join(package_, '..', other);
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? licenceInReadme(folder) : readFileSync(join(folder, file), 'utf8');
  if (text === undefined) throw new Error(`${name} has no licence file: add it to LICENSED_AS in scripts/bundle.js`);
  return `${name} ${version}\n\n${text}`;
}

/** Some packages have their licence as the last section of the README. */
function licenceInReadme(folder) {
  const readme = readdirSync(folder).find((one) => /^readme\.md$/i.test(one));
  const text = readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8');
  return /^#+ licen[cs]e\s*\n([\s\S]*Permission is hereby granted[\s\S]*)/im.exec(text)?.[1];
}
