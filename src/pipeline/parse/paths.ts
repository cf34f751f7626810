import { posix } from 'node:path';
import type { WorkspacePath } from '../../domain/ids.js';
import { isGlob } from '../../domain/support/glob.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import type { FileHome, Reporter } from './collect-diagnostics.js';
import { globFault } from './glob-limits.js';
import type { YamlPath } from './source/yaml-source.js';

/**
 * A user's path relative to the workspace: `/` between segments, no `.`, no `..`. `undefined` if it leads outside. `root`: the
 * absolute folder of the workspace; without it an absolute path counts as outside.
 */
export function normalizePath(text: string, root?: string): WorkspacePath | undefined {
  const isInside = root !== undefined && isAtOrBelow(text, root);
  const inside = isInside ? text.slice(root.length + 1) : text;
  if (inside.startsWith('/') || /^[A-Za-z]:[\\/]/.test(inside)) return undefined;
  const segments: string[] = [];
  for (const segment of inside.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return (segments.length === 0 ? '.' : segments.join('/')) as WorkspacePath;
}

/** Normalizes a path or reports it. A reported path keeps its text, so that later checks can go on. */
export const checkedPath = (text: string, path: YamlPath, report: Reporter): WorkspacePath =>
  checked(text, path, { report, mayBeGlob: false });

interface Check {
  readonly report: Reporter;
  readonly mayBeGlob: boolean;
}

function checked(text: string, path: YamlPath, { report, mayBeGlob }: Check): WorkspacePath {
  const normal = normalizePath(throughLink(text, report.workspace), report.workspace.root);
  const fault = normal === undefined ? undefined : lengthFault(normal, mayBeGlob);
  if (fault !== undefined)
    report.at(path, { code: 'path-too-long', message: fault, suggestion: 'give it a shorter name' });
  if (normal !== undefined || report.workspace.isElsewhere === true) return normal ?? (text as WorkspacePath);
  report.at(path, {
    code: 'path-outside-workspace',
    message: `"${text}" lies outside the workspace`,
    suggestion: howToLink(text, report.workspace.roots),
  });
  return text as WorkspacePath;
}

/**
 * An absolute path below the place of a link is the path through the link, so that no absolute path is recorded. Where it leads is
 * known only once its `..` are resolved: the rest behind the link would begin with one, and name a file of the workspace.
 */
function throughLink(text: string, { root, links = [] }: FileHome): string {
  if (!text.startsWith('/')) return text;
  const resolved = posix.normalize(text);
  const isBelow = (place: string): boolean => isAtOrBelow(resolved, place);
  const link = root !== undefined && isBelow(root) ? undefined : links.find(({ place }) => isBelow(place));
  return link === undefined ? resolved : `${link.name}${resolved.slice(link.place.length)}`;
}

/** The commands that make data outside the workspace readable. */
function howToLink(text: string, roots: readonly string[] = []): string {
  const names = text.split('/');
  const last = names.findIndex(isGlob);
  const folder = names.slice(0, last < 0 ? -1 : last).join('/');
  const link = names.slice(0, last < 0 ? -1 : last).findLast((name) => !['', '.', '..'].includes(name));
  if (link === undefined) return 'paths are relative to the folder that holds pipelines/; copy the data into it';
  const rest = text.slice(folder.length + 1);
  if (roots.some((root) => isAtOrBelow(folder, root)))
    return `link its folder into the workspace (ln -s ${folder} ${link}): the path then means "${link}/${rest}", and is recorded as that`;
  return `link its folder into the workspace (ln -s ${folder} ${link}), allow it in refit.yaml (roots: [${folder}]) and write "${link}/${rest}" here; or copy the data into the workspace`;
}

/** File systems take names of up to 255 bytes, and Linux paths of up to 4,095, which begin with the folder of the workspace. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 3000;

function lengthFault(path: string, mayBeGlob: boolean): string | undefined {
  if (path.includes('\0')) return 'a path holds no NUL character';
  if (Buffer.byteLength(path) > LONGEST_PATH) return `this path has more than ${LONGEST_PATH} bytes`;
  const long = path.split('/').find((name) => !(mayBeGlob && isGlob(name)) && Buffer.byteLength(name) > LONGEST_NAME);
  return long === undefined ? undefined : `"${long.slice(0, 20)}…" has more than ${LONGEST_NAME} bytes`;
}

/** The same for what a pipeline writes: not in the folders of git and of refit. */
export function checkedOutput(text: string, path: YamlPath, report: Reporter): WorkspacePath {
  const normal = checkedPath(text, path, report);
  const folder = /^\.(?:git|refit)(?:\/|$)/.exec(normal.toLowerCase())?.[0]?.replace('/', '');
  if (folder !== undefined)
    report.at(path, {
      code: 'wrong-value',
      message: `"${text}" lies in ${folder}, where no pipeline writes`,
      suggestion: 'write it to a folder of its own, such as work/',
    });
  return normal;
}

/** The same for a path that may be a glob. One that would take too long to match is reported, and replaced by its folder. */
export function checkedGlob(text: string, path: YamlPath, report: Reporter): WorkspacePath {
  const normal = checked(text, path, { report, mayBeGlob: true });
  const fault = isGlob(normal) ? globFault(normal) : undefined;
  if (fault === undefined) return normal;
  report.at(path, { code: 'slow-glob', message: `"${text}" ${fault.problem}`, suggestion: fault.suggestion });
  const segments = normal.split('/');
  return (segments.slice(0, segments.findIndex(isGlob)).join('/') || 'refused-glob') as WorkspacePath;
}

/** Whether one path equals the other or lies inside it. */
export const overlaps = (a: string, b: string): boolean =>
  isAtOrBelow(a, b) || isAtOrBelow(b, a) || a === '.' || b === '.';
