import { OWN_FOLDER } from './path-values.js';
import type { Project, Script } from './project.js';

export type Place =
  | { readonly kind: 'inside'; readonly path: string }
  | { readonly kind: 'outside'; readonly path: string }
  | { readonly kind: 'address'; readonly path: string };

export const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');

/** Where a path of a script leads when the script runs in `cwd`, both relative to the workspace at `root`. */
export function placeOf(path: string, script: string, cwd: string, root: string): Place {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return { kind: 'address', path };
  if (path.startsWith('~')) return { kind: 'outside', path };
  const own = path.startsWith(OWN_FOLDER) ? `${folderOf(script)}/${path.slice(OWN_FOLDER.length)}` : undefined;
  const below = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
  if (below === undefined && path.startsWith('/')) return { kind: 'outside', path };
  const normal = normalized(own ?? below ?? `${cwd}/${path}`);
  return normal === undefined ? { kind: 'outside', path } : { kind: 'inside', path: normal };
}

function normalized(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** A script below a folder may have been written for that folder: the one in which more of what it reads exists. */
export function workingFolder(script: Script, { files, folders }: Project, root: string): string {
  const own = folderOf(script.path);
  if (script.language === 'notebook' || own === '') return own;
  const reads = script.uses.filter((one) => one.use === 'read' || one.use === 'list');
  const count = (cwd: string): number =>
    reads.filter(({ path }) => {
      const place = placeOf(path, script.path, cwd, root);
      return place.kind === 'inside' && (files.has(place.path) || folders.has(place.path));
    }).length;
  return count(own) > count('') ? own : '';
}

/** Scripts of the project that a script uses, directly or through others. */
export function importedBy(script: Script, { scripts }: Pick<Project, 'scripts'>): readonly Script[] {
  const byPath = new Map(scripts.map((one) => [one.path, one]));
  const found = new Set<Script>();
  const waiting = [script];
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
    for (const name of one.imports)
      for (const path of candidatesFor(name, one.path)) {
        const next = byPath.get(path);
        if (next === undefined || next === script || found.has(next)) continue;
        found.add(next);
        waiting.push(next);
      }
  return [...found];
}

function candidatesFor(name: string, importer: string): readonly string[] {
  const own = folderOf(importer);
  if (/\.[Rr]$/.test(name)) return [name, `${own}/${name}`.replace(/^\//, '')];
  if (/^\.{1,2}\//.test(name)) {
    const path = normalized(`${own}/${name}`);
    return path === undefined ? [] : ['', '.js', '.mjs', '.cjs', '/index.js'].map((end) => `${path}${end}`);
  }
  const ups = /^\.*/.exec(name)?.[0].length ?? 0;
  const parts = name.slice(ups).split('.').filter(Boolean);
  if (parts.length === 0) return [];
  const bases = ups > 0 ? [up(own, ups - 1)] : [own, '', 'src'];
  // The last part may be a name inside of the module.
  return bases.flatMap((base) =>
    [parts, parts.slice(0, -1)]
      .filter((one) => one.length > 0)
      .map((one) => `${[base, ...one].filter(Boolean).join('/')}.py`),
  );
}

const up = (folder: string, count: number): string =>
  count === 0 ? folder : folder.split('/').slice(0, -count).join('/');

/** The package folder of a script below `src/` or beside `__init__.py`, with the name under which it is imported. */
export function packageOf(
  script: Script,
  { files }: Pick<Project, 'files'>,
): { readonly folder: string; readonly module: string; readonly base: string } | undefined {
  const folder = folderOf(script.path);
  const isPackage = script.language === 'python' && folder !== '' && files.has(`${folder}/__init__.py`);
  if (!isPackage) return undefined;
  let top = folder;
  while (files.has(`${folderOf(top)}/__init__.py`) && folderOf(top) !== '') top = folderOf(top);
  const base = folderOf(top);
  const inside = base === '' ? script.path : script.path.slice(base.length + 1);
  return { folder: top, module: inside.replace(/\.py$/, '').replaceAll('/', '.'), base };
}
