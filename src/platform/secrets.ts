import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { decoded } from '../domain/support/decoded.js';
import { realPlace } from './containment.js';
import type { Reach } from './reach.js';
import { readRegularFile } from './regular-file.js';
import { includedPaths, namesInPipeline, namesInSettings } from './secrets/secret-names.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Shorter values are too common as parts of other words: masking them would make a log unreadable. */
const SHORTEST = 4;
const STARS = '***';

/** The one set of secrets of a workspace. */
export interface Secrets {
  /** Variables that a command gets only where the pipeline names them for it. */
  readonly names: ReadonlySet<string>;
  /** The same and the keys of AWS: nothing but the commands of pipelines gets these. */
  readonly isCredential: (name: string) => boolean;
  /** Every form in which a value may appear: as it is, as base64, in a URL, in JSON. */
  readonly words: readonly string[];
  /** The same of those secrets only that one of the texts holds. */
  readonly wordsIn: (texts: readonly string[]) => readonly string[];
  /** Names of secrets that are too short to be masked. */
  readonly short: readonly string[];
  readonly mask: (text: string) => string;
}

interface SecretFiles {
  readonly root: string;
  readonly reach: Pick<Reach, 'has'>;
}

/**
 * Secrets are the variables that steps list under `secrets`, those that hold the URL of a remote source, those that refit.yaml reads by `from`, keys and tokens of AWS,
 * and the passwords in URLs. Files that pipelines include count too. Names are taken from the text of the files, so that an invalid file hides none. A file outside of
 * `reach`, behind a link, is no part of the workspace and names none. Without a workspace only the environment counts.
 */
export function readSecrets(workspace: SecretFiles | undefined, env: Env): Secrets {
  const settings = workspace === undefined ? '' : textOf(join(workspace.root, 'refit.yaml'), workspace.reach);
  const pipelines = workspace === undefined ? [] : pipelineTexts(workspace.root, workspace.reach);
  const names = new Set([...namesInSettings(settings), ...pipelines.flatMap((text) => namesInPipeline(text, env))]);
  const given = Object.entries(env).filter(
    ([name, value]) => value !== undefined && value !== '' && (names.has(name) || isAwsCredential(name)),
  ) as readonly (readonly [string, string])[];
  const values = given.map(([, value]) => value).filter((value) => value.length >= SHORTEST);
  const urls = [...Object.values(env), ...urlsIn(settings)].map((value) => passwordsIn(value ?? ''));
  /** Each secret with what else of it must not be shown. */
  const kinds = [...values.map((value) => [value, ...pathOfUrl(value)]), ...urls];
  const words = wordsOf(kinds.flat());
  const pattern = words.length === 0 ? undefined : new RegExp(words.map(escaped).join('|'), 'g');
  return {
    names,
    isCredential: (name) => names.has(name) || isAwsCredential(name),
    words,
    wordsIn: (texts) => wordsOf(kinds.filter((kind) => isNamed(kind, texts)).flat()),
    short: given.filter(([, value]) => value.length < SHORTEST).map(([name]) => name),
    mask: (text) => (pattern === undefined ? text : text.replace(pattern, STARS)),
  };
}

const isNamed = (values: readonly string[], texts: readonly string[]): boolean =>
  values.some((value) => texts.some((text) => text.includes(value)));

const isAwsCredential = (name: string): boolean => /^AWS_.*(?:KEY|TOKEN|SECRET|PASSWORD)/.test(name);

/** A longer file of settings or a pipeline is refused by those who parse it. */
const MOST_BYTES = 16 * 1024 * 1024;

function textOf(path: string, reach: Pick<Reach, 'has'>): string {
  try {
    if (!reach.has(realPlace(path))) return '';
    return readRegularFile(path, MOST_BYTES).toString('utf8');
  } catch {
    // A file that is not there or may not be read names no secret. Commands that need it say so themselves.
    return '';
  }
}

/** The texts of all pipelines of the workspace, and of all files that they include. */
function pipelineTexts(root: string, reach: Pick<Reach, 'has'>): readonly string[] {
  const texts = new Map<string, string>();
  const read = (path: string): string => {
    const text = texts.get(path) ?? textOf(join(root, path), reach);
    texts.set(path, text);
    return text;
  };
  for (const file of filesIn(join(root, 'pipelines'), reach)) readIncluded(posix.join('pipelines', file), read);
  return [...texts.values()];
}

/** A pipeline that includes more is refused. */
const MOST_FILES = 100;
const MOST_CHARACTERS = 2 * 1024 * 1024;

/** Reads a file and what it includes, each once. Paths are relative to the file that includes, and stay in the workspace. */
function readIncluded(file: string, read: (path: string) => string): void {
  const found = new Set([file]);
  let characters = 0;
  for (const path of found) {
    const text = read(path);
    characters += text.length;
    if (characters > MOST_CHARACTERS) return;
    for (const included of includedPaths(text)) {
      const full = posix.join(posix.dirname(path), included);
      const isInside = !included.startsWith('/') && full !== '..' && !full.startsWith('../');
      if (isInside && found.size <= MOST_FILES) found.add(full);
    }
  }
}

function filesIn(folder: string, reach: Pick<Reach, 'has'>): readonly string[] {
  try {
    return reach.has(realPlace(folder)) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
  } catch {
    return [];
  }
}

// Without a bound a long word would be searched again from each of its letters, or become a mask that is slow to search for.
const urlsIn = (text: string): readonly string[] =>
  text.match(/[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'}\],]{1,5000}/gi) ?? [];

/** User information of a URL: the pair and the password, as they are written and decoded. */
function passwordsIn(value: string): readonly string[] {
  return [...value.matchAll(USER_INFORMATION)].flatMap(([address, pair = '']) => {
    // The user of a database has a name that messages need; elsewhere a token may stand in its place.
    if (!pair.includes(':') && DATABASE.test(address)) return [];
    const password = pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : pair;
    return [pair, password, decoded(password)].filter((one) => one.length >= SHORTEST);
  });
}

/** Up to the last @ of each address of a text: people do not always encode the @ and / of a password. */
const USER_INFORMATION = /[a-z][a-z0-9+.-]{0,30}:\/\/((?:[^/\s"'@]{1,1000}:[^\s"']{1,4000}|[^/\s"']{1,4000}))@/gi;

/** Addresses of databases: their paths name a database. */
const DATABASE = /^(postgres(ql)?|mysql|mariadb):/i;

/**
 * The path of a secret address is the secret part of it, and may be shown without the host. Of a database it is the passwords among
 * its parameters.
 */
function pathOfUrl(value: string): readonly string[] {
  if (!URL.canParse(value)) return [];
  const { pathname, search, searchParams, protocol } = new URL(value);
  if (DATABASE.test(protocol)) return [...searchParams].flatMap(([key, one]) => (/password/i.test(key) ? [one] : []));
  return [pathname + search, pathname.slice(1)].filter((one) => one.length >= 8);
}

/** Longest first: a regular expression takes the first alternative that matches. */
function wordsOf(values: readonly string[]): readonly string[] {
  const words = values.flatMap((value) => [value, ...inBase64(value), ...inUrls(value), ...inJson(value)]);
  return [...new Set(words)].filter((word) => word.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

/** As programs write a value in a URL: with or without `/` and `!'()*` encoded, blanks as `+`, hexadecimal digits in either case. */
function inUrls(value: string): readonly string[] {
  const form = encoded(value);
  const strict = form.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [form, strict].flatMap((one) => [one, one.replaceAll('%2F', '/')]);
  const withPlus = [...forms, ...forms.map((one) => one.replaceAll('%20', '+'))];
  return [...withPlus, ...withPlus.map((one) => one.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))];
}

function encoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // half of a surrogate pair has no form in a URL
    return value;
  }
}

/** With letters as they are or as ASCII, and with `/` escaped or not. */
function inJson(value: string): readonly string[] {
  const text = JSON.stringify(value).slice(1, -1);
  const ascii = text.replace(/[^\0-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [text, ascii].flatMap((one) => [one, one.replaceAll('/', '\\/')]);
}

/** Fewer characters of base64 are too common. */
const SHORTEST_BASE64 = 6;

/** The characters that depend on the value alone, wherever it begins in the encoded text. */
function inBase64(value: string): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value, 'utf8')]);
    const whole = bytes.toString('base64');
    const own = whole.slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
    if (own.length < SHORTEST_BASE64) return [];
    return [own, own.replaceAll('+', '-').replaceAll('/', '_'), ...(offset === 0 ? linesOf(own) : [])];
  });
}

/** Widths of lines of `base64`, and of PEM and MIME. */
const LINE_WIDTHS = [76, 64];

const linesOf = (text: string): readonly string[] =>
  LINE_WIDTHS.flatMap((width) =>
    text.length <= width ? [] : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).filter((line) => line.length >= 8),
  );

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
