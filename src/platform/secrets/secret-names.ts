import { valuesUnder } from './values-under.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The variables that a pipeline file makes secrets: those in lists under `secrets`, and those that hold the URL of a source. They
 * are taken from the text, so that an invalid file hides none. Where the text may hold a name in another form than the usual
 * ones, it is read as YAML too.
 */
export function namesInPipeline(text: string, env: Env): readonly string[] {
  const isOdd = hasOddKeys(text) || isOddAfter(text, URL_KEY, [USUAL_URL, SCALAR]) || isOddAfter(text, LIST_KEY, LISTS);
  const read = isOdd ? valuesUnder(text, [['secrets'], ['url', 'from']]).flat() : [];
  return [...secretNames(text, env), ...urlNames(text), ...read.filter((name) => env[name] !== undefined)];
}

/** The variables that refit.yaml reads by `from`. */
export function namesInSettings(text: string): readonly string[] {
  const isOdd = hasOddKeys(text) || isOddAfter(text, FROM_KEY, [USUAL_NAME]);
  return [...fromNames(text), ...(isOdd ? valuesUnder(text, [['from']]).flat() : [])];
}

/** The paths under `include`, as they are written. */
export const includedPaths = (text: string): readonly string[] =>
  /\binclude\b|\\[xuU]/.test(text) ? valuesUnder(text, [['include']]).flat() : [];

/** Keys with escapes or a cut line, behind `?`, and by an alias. */
const hasOddKeys = (text: string): boolean =>
  /\\[xuU]/.test(text) ||
  /\\\r?\n[^"\n]*"\s*:/.test(text) ||
  /(?:^|[\s{,[])\?(?:\s|$)/.test(text) ||
  /\*[^\s,[\]{}*]+[ \t]+:/.test(text);

const URL_KEY = /\burl["']?\s*:/g;
const FROM_KEY = /\bfrom["']?\s*:/g;
const LIST_KEY = /\bsecrets["']?\s*:/g;

const USUAL_NAME = /\s*["']?[A-Za-z_]\w*["']?(?=[ \t]*(?:[\r\n},]|$)|[ \t]+#)/y;
const USUAL_URL = /\s*(?:\{\s*)?["']?from["']?\s*:\s*["']?[A-Za-z_]\w*["']?(?=[ \t]*(?:[\r\n},]|$)|[ \t]+#)/y;
/** On the same line, and neither a collection nor with an anchor or a tag. */
const SCALAR = /[ \t]*["']?[\w$./~-]/y;
const LISTS = [
  /[ \t]*\[\s*(?:["']?\w+["']?\s*(?:,\s*|(?=\]))){0,1000}\]/y,
  /(?:[ \t]*\r?\n[ \t]*-[ \t]+["']?\w+["']?){1,1000}(?=[ \t]*\r?\n[ \t]*[\w"'}\]]|\s*$)/y,
];

/** Whether one of the keys has a value in none of these forms. */
function isOddAfter(text: string, key: RegExp, usual: readonly RegExp[]): boolean {
  for (const { index, 0: found } of text.matchAll(key)) {
    const isUsual = usual.some((form) => {
      form.lastIndex = index + found.length;
      return form.test(text);
    });
    if (!isUsual) return true;
  }
  return false;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/g;

/** Variables that hold the address of a remote source: `url: { from: DATABASE_URL }`. */
const urlNames = (text: string): readonly string[] =>
  [...text.matchAll(/\burl["']?\s*:\s*(?:\{\s*)?["']?from["']?\s*:\s*["']?([A-Za-z_][A-Za-z0-9_]*)/g)].map(
    ([, name = '']) => name,
  );

const fromNames = (text: string): readonly string[] =>
  [...text.matchAll(/\bfrom["']?\s*:\s*["']?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = '']) => name);

const LIST =
  /\bsecrets["']?\s*:(\s*\[[^\][]{0,5000}\]|\s*\*\S+|(?:(?:[^\S\n]*(?:#[^\n]*)?\n)+[^\S\n]*-[^\n]*)+|[^\n]*)/g;

/** Names in lists under `secrets`. Where a list is an alias, every variable that the file names at all counts. */
function secretNames(text: string, env: Env): readonly string[] {
  const lists = [...text.matchAll(LIST)].map(([, list = '']) => list.trim());
  const isNamedElsewhere = lists.some((list) => list.startsWith('*') || list.includes('&'));
  // Once for all lists: a file can have thousands of them.
  const named = isNamedElsewhere ? variablesIn(text, env) : [];
  return [...named, ...lists.flatMap((list) => list.match(NAME) ?? [])];
}

/** The variables of the environment that a text names. */
const variablesIn = (text: string, env: Env): readonly string[] =>
  (text.match(NAME) ?? []).filter((name) => env[name] !== undefined && !COMMON.has(name));

const COMMON: ReadonlySet<string> = new Set(['PATH', 'HOME', 'PWD', 'USER', 'LANG', 'SHELL', 'TERM', 'TMPDIR']);
