import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { versionsOf } from './surroundings.js';

/** What refit runs on, for reports of bugs: each part with its version, or why it cannot be used. */
export async function describeInstallation(version: string): Promise<readonly (readonly [string, string])[]> {
  const { git } = await versionsOf(['git']);
  return [
    ['refit', version],
    ['installed in', installFolder() ?? 'an unknown folder'],
    ['node', `${process.versions.node} (${process.execPath})`],
    ['platform', `${process.platform}-${process.arch}, ${release()}, ${libraryOfC()}`],
    ['sqlite', sqlite()],
    ['duckdb', packageVersion('@duckdb/node-bindings') ?? 'not installed: install refit again'],
    ['git', git ?? 'not found'],
  ];
}

/** The nearest folder above this file that has a package.json. */
function installFolder(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
  return undefined;
}

function libraryOfC(): string {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? 'no glibc' : `glibc ${header.glibcVersionRuntime}`;
}

function sqlite(): string {
  try {
    const db = new Database(':memory:');
    const { version } = db.prepare<[], { readonly version: string }>('SELECT sqlite_version() AS version').get() ?? {
      version: '?',
    };
    db.close();
    return `${version} (better-sqlite3 ${packageVersion('better-sqlite3') ?? '?'})`;
  } catch (error) {
    return `cannot be used: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}

function packageVersion(name: string): string | undefined {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}
