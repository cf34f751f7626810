import type { Diagnostic } from '../../../domain/pipeline/diagnostic.js';
import { isRecord } from '../../../domain/support/json.js';
import type { Source, YamlPath } from './yaml-source.js';

/** Sections whose entries may stand in several files. */
const NAMED = new Set(['params', 'datasets', 'steps', 'profiles']);

/** Keys that only the pipeline's own file has. */
const OWN = ['pipeline'];

/** The files of a pipeline as one: values joined, each position in the file that has it. */
export function joinSources([own, ...included]: readonly [Source, ...Source[]]): Source {
  const owners = new Map<string, Source>();
  const problems: Diagnostic[] = [];
  // Defined and not assigned: a key may be called __proto__.
  const joined = {};
  const put = (key: string, value: unknown): void =>
    void Object.defineProperty(joined, key, { value, enumerable: true, configurable: true, writable: true });
  const problem = (source: Source, path: YamlPath, note: Pick<Diagnostic, 'code' | 'message' | 'related'>): void => {
    const at = source.keyAt(path.slice(0, -1), String(path.at(-1) ?? ''));
    problems.push({ severity: 'error', ...note, at, sourceLine: source.lineOf(at) });
  };
  /** False if another file has it: that is reported. */
  const claim = (source: Source, path: YamlPath): boolean => {
    const name = path.join('\0');
    const first = owners.get(name);
    if (first === undefined) owners.set(name, source);
    else {
      const at = first.keyAt(path.slice(0, -1), String(path.at(-1)));
      const related = [{ message: 'it is given here first', at }];
      problem(source, path, { code: 'duplicate-key', message: `"${path.join('.')}" is given twice`, related });
    }
    return first === undefined;
  };
  const add = (source: Source, key: string, value: unknown): void => {
    if (!NAMED.has(key) || !isRecord(value)) {
      if (claim(source, [key])) put(key, value);
      return;
    }
    if (!owners.has(key)) owners.set(key, source);
    const names = Object.entries(value).filter(([name]) => claim(source, [key, name]));
    const before: unknown = Object.getOwnPropertyDescriptor(joined, key)?.value;
    put(key, { ...(isRecord(before) ? before : {}), ...Object.fromEntries(names) });
  };
  for (const source of [own, ...included]) {
    if (!isRecord(source.value)) {
      if (source !== own && source.value !== undefined && source.value !== null)
        problem(source, [], { code: 'wrong-type', message: 'an included file must be a map of names to values' });
      continue;
    }
    for (const [key, value] of Object.entries(source.value)) {
      if (source === own || key !== 'include') {
        if (source !== own && OWN.includes(key))
          problem(source, [key], {
            code: 'unknown-key',
            message: `an included file is no pipeline of its own: it has no "${key}"`,
          });
        else add(source, key, value);
      }
    }
  }
  const ownerOf = (path: YamlPath): Source => {
    const [section, name] = path;
    return owners.get(`${String(section)}\0${String(name)}`) ?? owners.get(String(section)) ?? own;
  };
  const bySource = new Map([own, ...included].map((source) => [source.file, source]));
  return {
    file: own.file,
    value: own.value === undefined || included.some(({ value }) => value === undefined) ? undefined : joined,
    at: (path) => ownerOf(path).at(path),
    keyAt: (path, key) => ownerOf([...path, key]).keyAt(path, key),
    lineOf: (at) => (bySource.get(at.file) ?? own).lineOf(at),
    diagnostics: [...[own, ...included].flatMap(({ diagnostics }) => diagnostics), ...problems],
  };
}
