import { readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { compileGlob, globMatches } from '../domain/support/glob.js';
import { realPlace } from './containment.js';
import { isTracked } from './git/is-tracked.js';
import { readRegularFile, readRegularStart } from './regular-file.js';

/** Where a result is to be written, and what. */
interface Replacing {
  readonly root: string;
  readonly path: string;
  readonly text: string;
  /** A folder for this process alone. */
  readonly scratch: () => string;
}

/**
 * Why a result of refit may not replace the file that is there: git tracks it, or the workspace names it, and it does not begin like
 * this result, so it is no earlier one. Results are written to the file that a person names, who can slip.
 */
export async function faultOfReplacing({ root, path, text, scratch }: Replacing): Promise<string | undefined> {
  const real = realPlace(path);
  const stat = statSync(real, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size === 0) return undefined;
  const begins = beginning(text);
  if (begins.length >= FEWEST && begins === beginning(readRegularStart(real, 1000))) return undefined;
  const inside = relative(realPlace(root), real);
  const by = namerOf(root, inside) ?? ((await isTracked(real, scratch)) ? 'git tracks it' : undefined);
  return by === undefined ? undefined : `${by}, and it is no earlier result: name another file, or remove it first`;
}

/** A shorter first line, such as the bracket of a JSON text, says nothing about who wrote it. */
const FEWEST = 5;

/** The first line without its numbers and values, in which two results of one kind may differ. */
const beginning = (text: string): string =>
  (text.split('\n', 1)[0] ?? '').slice(0, 200).replace(/=.*/, '=').replace(/\d+/g, '0');

const MOST_BYTES = 2 * 1024 * 1024;
/** A word with a `*` in a pipeline file, which may be a glob. */
const GLOB = /[^\s"'`,[\]]{0,200}\*[^\s"'`,[\]]{0,200}/g;
const MOST_GLOBS = 500;

/** What of the workspace names a file, as the text of its files shows. */
function namerOf(root: string, inside: string): string | undefined {
  if (inside === 'refit.yaml' || /^pipelines\/[^/]+\.ya?ml$/.test(inside)) return 'it belongs to the workspace';
  for (const file of [...listed(join(root, 'pipelines')), join(root, 'refit.yaml')]) {
    const text = textOf(file);
    const globs = [...text.matchAll(GLOB)].slice(0, MOST_GLOBS).map(([glob]) => glob);
    if (isWord(text, inside) || globs.some((glob) => matches(glob, inside))) return `${basename(file)} names it`;
  }
  return undefined;
}

/** Whether a text holds a path that is no part of a longer one. */
function isWord(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    const [before = ' ', after = ' '] = [text[at - 1], text[at + path.length]];
    if (!/[\w./-]/.test(before) && !/[\w/-]/.test(after)) return true;
  }
  return false;
}

function matches(glob: string, path: string): boolean {
  try {
    return globMatches(compileGlob(glob), path);
  } catch {
    // it only looks like a glob
    return false;
  }
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readRegularFile(file, MOST_BYTES).toString('utf8');
  } catch {
    return '';
  }
}
