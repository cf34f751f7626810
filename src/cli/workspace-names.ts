import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { realPlace } from '../platform/containment.js';
import { mayTrackRegistry } from '../platform/git/tracked-registry.js';
import { readOwnText } from '../platform/own-text.js';
import { createReach, type Reach } from '../platform/reach.js';
import { checkRefitFolder } from '../platform/refit-folder.js';
import { readRegularFile } from '../platform/regular-file.js';
import { findWorkspace } from '../platform/workspace.js';
import { openStoredNames, type StoredKind } from '../registry/database/stored-names.js';
import { readDataRoots } from './data-roots.js';

/**
 * Kinds of names that a command line can hold. `pipeline` has a file, `recorded` at least runs, as those of `track` do. `file`
 * stands for paths, which shells complete themselves.
 */
export type NameKind = StoredKind | 'recorded' | 'profile' | 'dataset' | 'channel' | 'remote' | 'latest' | 'file';

export interface WorkspaceNames extends Disposable {
  /** `of`: the pipeline, for steps, profiles and datasets. */
  readonly list: (kind: NameKind, of?: string) => Promise<readonly string[]>;
}

const MOST_BYTES = 1024 * 1024;

/** `undefined` outside a workspace, and in a folder that was removed. */
function rootHere(): string | undefined {
  try {
    const found = findWorkspace('.');
    return found.ok ? found.value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The names of the workspace around the current folder, for completion and for explaining a wrong name. Reads only, starts
 * nothing and never fails: what cannot be read has no names, and neither has what a link out of the workspace leads to. `undefined`
 * outside a workspace.
 */
export function openWorkspaceNames(): WorkspaceNames | undefined {
  const root = rootHere();
  if (root === undefined) return undefined;
  // A registry that git tracks may be somebody else's. Whether it does is told by git only, which is not started here.
  const isOwn = !mayTrackRegistry(root) && checkRefitFolder(root).ok;
  const stored = isOwn ? openStoredNames(join(root, '.refit', 'registry.db')) : undefined;
  const reach = createReach(root, () => readDataRoots(root, readOwnText));
  const files = pipelineFiles(root, reach);
  const settings = async (): Promise<Settings> => parseYaml(readQuietly(join(root, 'refit.yaml'), reach));
  const sections = async (name: string, of: string | undefined): Promise<readonly string[]> => {
    const wanted = files.filter((file) => of === undefined || file.names.some((one) => of.endsWith(one)));
    const parsed = await Promise.all(wanted.map(({ text }) => parseYaml(text)));
    return parsed.flatMap((one) => keysOf(one, name));
  };
  const list = async (kind: NameKind, of?: string): Promise<readonly string[]> => {
    switch (kind) {
      case 'latest':
        return ['latest'];
      case 'file':
        return [];
      case 'profile':
      case 'dataset':
        return sections(`${kind}s`, of);
      case 'channel':
        return keysOf(await settings(), 'notifications');
      case 'remote':
        return keysOf(await settings(), 'remotes');
      case 'pipeline':
        return files.map(({ name }) => name);
      case 'recorded':
        return stored?.list('pipeline') ?? [];
      case 'step':
        return [...(await sections('steps', of)), ...(stored?.list('step', of) ?? [])];
      default:
        return stored?.list(kind, of) ?? [];
    }
  };
  return {
    list: async (kind, of) => [...new Set(await list(kind, of))],
    [Symbol.dispose]: () => stored?.[Symbol.dispose](),
  };
}

interface PipelineFile {
  readonly name: string;
  /** All names under which a command takes it. */
  readonly names: readonly string[];
  readonly text: string;
}

function pipelineFiles(root: string, reach: Reach): readonly PipelineFile[] {
  return listQuietly(join(root, 'pipelines'), reach)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => {
      const text = readQuietly(join(root, 'pipelines', file), reach);
      const stem = file.replace(/\.ya?ml$/, '');
      const name = /^pipeline:\s*["']?([^"'\s#]+)/m.exec(text)?.[1] ?? stem;
      return { name, names: [name, stem, file, `pipelines/${file}`], text };
    });
}

function listQuietly(folder: string, reach: Reach): readonly string[] {
  try {
    return reach.has(realPlace(folder)) ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}

function readQuietly(path: string, reach: Reach): string {
  try {
    const real = realPlace(path);
    return reach.has(real) ? readRegularFile(real, MOST_BYTES).toString('utf8') : '';
  } catch {
    return '';
  }
}

type Settings = Readonly<Record<string, unknown>>;

/** The parser searches the whole text for each alias, and for anchors in keys, so that some thousand take it minutes. */
const MOST_ALIASES = 1000;
const ALIAS = /(?<=[\s[{,])[&*][^\s*/.&]/g;

/** Loads the parser late: it takes longer than everything else here. */
async function parseYaml(text: string): Promise<Settings> {
  if ((text.match(ALIAS)?.length ?? 0) > MOST_ALIASES) return {};
  const { parse } = await import('yaml');
  try {
    const parsed: unknown = parse(text, { uniqueKeys: false, logLevel: 'silent' });
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Settings => typeof value === 'object' && value !== null;

const keysOf = (settings: Settings, section: string): readonly string[] => {
  const found = settings[section];
  return isObject(found) && !Array.isArray(found) ? Object.keys(found) : [];
};
