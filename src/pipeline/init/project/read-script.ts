import { KNOWN_CALLS, OPENING, PATH_KEYWORDS, PATH_METHODS, TRAINS, type Use } from './known-calls.js';
import { closing, MOST_TOKENS, type Names, splitAt, textOf } from './path-values.js';
import { type Token, tokensOf } from './tokens.js';

/** A path as a script writes it, from its working folder or from its own. */
export interface PathUse {
  readonly path: string;
  readonly use: Use | 'append';
  readonly writes?: 'model' | 'table' | 'figure';
}

/** What the text of a script says about itself. Nothing of it is run. */
export interface ScriptFacts {
  readonly uses: readonly PathUse[];
  /** Every plain text in it, which may be the path of a file. */
  readonly texts: readonly string[];
  /** Calls that write somewhere that the text does not say. */
  readonly unclearWrites: number;
  /** Arguments that a caller must give. */
  readonly required: readonly string[];
  readonly readsArguments: boolean;
  readonly trains: boolean;
  readonly isProgram: boolean;
  /** Modules and sourced files, as written: `features`, `.features`, `lib/features.R`. */
  readonly imports: readonly string[];
}

interface Call {
  readonly name: string;
  readonly args: readonly (readonly Token[])[];
  readonly keywords: ReadonlyMap<string, readonly Token[]>;
  /** Tokens before the dot of a method. */
  readonly base: readonly Token[];
}

/** `undefined`: its calls are nested in each other so deeply that reading them would take long. */
export function readScript(text: string, isJavaScript = false): ScriptFacts | undefined {
  const tokens = tokensOf(text, isJavaScript);
  const calls = callsOf(tokens);
  if (calls === undefined) return undefined;
  const names = new Map([...assigned(tokens, isJavaScript), ...argumentDefaults(calls)]);
  const found = calls.map((call) => useOf(call, names));
  const parsed = calls.filter((call) => lastPart(call.name) === 'add_argument');
  return {
    uses: found.flatMap((one) => (one === undefined || one === 'unclear' ? [] : [one])),
    texts: tokens.flatMap((one) => (one.kind === 'string' ? (textOf([one], names) ?? []) : [])).slice(0, MOST_TEXTS),
    unclearWrites: found.filter((one) => one === 'unclear').length,
    required: parsed.flatMap((call) => requiredName(call, names)),
    readsArguments: /\b(sys|process)\.argv\b|\bcommandArgs\s*\(/.test(text),
    trains: TRAINS.test(text),
    isProgram: /__name__\s*==/.test(text),
    imports: (isJavaScript ? modulesOf(text) : importsOf(text, calls, names)).slice(0, MOST_IMPORTS),
  };
}

const MOST_TEXTS = 5000;
const MOST_IMPORTS = 500;
/** Tokens of all calls together, those of a call within a call counted for both. Scripts of people have a tenth. */
const MOST_WORK = 500_000;

const lastPart = (name: string): string => name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf(':')) + 1);

function callsOf(tokens: readonly Token[]): readonly Call[] | undefined {
  const calls: Call[] = [];
  let work = 0;
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    if (token.kind !== 'name' || next?.kind !== 'sign' || next.value !== '(') continue;
    const end = closing(tokens, i + 1);
    work += end === undefined ? MOST_TOKENS : end - i;
    if (work > MOST_WORK) return undefined;
    if (end === undefined) continue;
    const args: (readonly Token[])[] = [];
    const keywords = new Map<string, readonly Token[]>();
    for (const part of splitAt(tokens.slice(i + 2, end), ',')) {
      const own = part.filter((one) => one.value !== '\n');
      const [name, sign, ...value] = own;
      if (name?.kind === 'name' && sign?.value === '=' && sign.kind === 'sign') keywords.set(name.value, value);
      else args.push(own);
    }
    calls.push({ name: token.value, args, keywords, base: baseOf(tokens, i) });
  }
  return calls;
}

/** What stands before the dot: `path` in `path.read_text(`, `Path("x")` in `Path("x").read_text(`. */
function baseOf(tokens: readonly Token[], at: number): readonly Token[] {
  const name = tokens[at];
  if (name?.kind !== 'name') return [];
  const dot = name.value.lastIndexOf('.');
  if (dot > 0) return [{ kind: 'name', value: name.value.slice(0, dot) }];
  if (dot !== 0) return [];
  let depth = 0;
  for (let i = at - 1; i >= Math.max(0, at - MOST_TOKENS); i--) {
    const { kind, value } = tokens[i] ?? {};
    if (kind === 'sign' && value === ')') depth++;
    else if (kind === 'sign' && value === '(') depth--;
    if (depth < 0 || value === '\n') return [];
    if (depth === 0) return tokens.slice(kind === 'sign' && tokens[i - 1]?.kind === 'name' ? i - 1 : i, at);
  }
  return [];
}

/** Words before a name in JavaScript. */
const DECLARING = ['export', 'const', 'let', 'var'];

/** Names that stand for one text: `DATA = "data.csv"`, `data <- "data.csv"`, and defaults of functions. */
function assigned(tokens: readonly Token[], isJavaScript: boolean): Names {
  const names = new Map<string, string>();
  const changed = new Set<string>();
  const set = (name: string, value: string | undefined): void => {
    if (names.has(name) && names.get(name) !== value) changed.add(name);
    if (value !== undefined) names.set(name, value);
  };
  for (const whole of splitAt(tokens, '\n')) {
    // In other languages these are names like any other.
    const line = isJavaScript ? whole.slice(whole.findIndex((one) => !DECLARING.includes(one.value ?? ''))) : whole;
    const [name, ...rest] = line;
    if (name?.kind !== 'name') continue;
    if (name.value === 'def' || name.value === 'async') {
      for (const [param, value] of defaultsOf(rest)) set(param, textOf(value, names));
      continue;
    }
    const sign = rest.findIndex((one) => one.kind === 'sign' && (one.value === '=' || one.value === '<'));
    const isPlain = sign === 0 || (sign > 0 && rest[0]?.value === ':');
    const width = rest[sign]?.value === '<' ? 2 : 1;
    if (isPlain && rest[sign + width - 1]?.value !== '<') set(name.value, textOf(rest.slice(sign + width), names));
  }
  for (const name of changed) names.delete(name);
  return names;
}

/** `def main(path: str = "data.csv")`. */
function defaultsOf(tokens: readonly Token[]): readonly (readonly [string, readonly Token[]])[] {
  const end = closing(tokens, 1);
  if (end === undefined) return [];
  return splitAt(tokens.slice(2, end), ',').flatMap((part) => {
    const own = part.filter((one) => one.value !== '\n');
    const sign = own.findIndex((one) => one.kind === 'sign' && one.value === '=');
    const [name] = own;
    return name?.kind === 'name' && sign > 0 ? [[name.value, own.slice(sign + 1)] as const] : [];
  });
}

const OPTION = /(^|\.)(add_argument|option|Option|make_option)$/;

/** Defaults of `argparse`, `click`, `typer` and R's `optparse`, by the name of the argument. */
function argumentDefaults(calls: readonly Call[]): Names {
  const names = new Map<string, string>();
  for (const { name, args, keywords } of calls) {
    const value = keywords.get('default');
    const option = args.length === 0 ? undefined : optionName(args);
    const text = value === undefined ? undefined : textOf(value, names);
    if (!OPTION.test(name) || option === undefined || text === undefined) continue;
    names.set(`args ${option}`, text);
    names.set(option, text);
  }
  return names;
}

/** The longest name is the one that counts: `-m`, `--model-path` is `model_path`. */
function optionName(args: readonly (readonly Token[])[]): string | undefined {
  const texts = args.flatMap((arg) => (arg.length === 1 && arg[0]?.kind === 'string' ? [arg[0].value ?? ''] : []));
  const [longest] = [...texts].sort((a, b) => b.length - a.length);
  return longest?.replace(/^-+/, '').replaceAll('-', '_');
}

/** Options without a default that the program insists on, and arguments by position. */
function requiredName(call: Call, names: Names): readonly string[] {
  const name = call.args[0] === undefined ? undefined : textOf(call.args[0], names);
  if (name === undefined || call.keywords.has('default')) return [];
  const isInsisted = call.keywords.get('required')?.[0]?.value === 'True';
  const isOptional = ['?', '*'].includes(String(call.keywords.get('nargs')?.[0]?.value));
  return isInsisted || (!name.startsWith('-') && !isOptional) ? [name] : [];
}

function useOf(call: Call, names: Names): PathUse | 'unclear' | undefined {
  const last = lastPart(call.name);
  const method = PATH_METHODS[last];
  if (method !== undefined) return at(textOf(call.base, names), method);
  if (OPENING.test(call.name)) return opened(pathOf(call, [0], names), modeOf(call, 1, names));
  if (last === 'open' && call.base.length > 0) return opened(textOf(call.base, names), modeOf(call, 0, names), false);
  if (last === 'save' && call.name !== 'save') return at(pathOf(call, [0], names), 'write', 'model');
  if (call.name === 'save' || call.name === 'cat') return at(pathOf(call, [], names), 'write', 'model');
  if (last === 'glob' && call.base.length > 0 && textOf(call.base, names) !== undefined)
    return at(textOf(call.base, names), 'list');
  const known = KNOWN_CALLS.get(lastTwo(call.name)) ?? KNOWN_CALLS.get(last) ?? KNOWN_CALLS.get(call.name);
  if (known === undefined) return undefined;
  const path = pathOf(call, known.at, names);
  if (path === undefined && known.use === 'write')
    return call.args.length + call.keywords.size > 0 ? 'unclear' : undefined;
  return at(path, known.use, known.writes);
}

const lastTwo = (name: string): string => name.split(/\.|::/).filter(Boolean).slice(-2).join('.');

const at = (path: string | undefined, use: PathUse['use'], writes?: PathUse['writes']): PathUse | undefined =>
  path === undefined || path === '' ? undefined : { path, use, writes };

function pathOf(call: Call, positions: readonly number[], names: Names): string | undefined {
  const values = [
    ...PATH_KEYWORDS.map((name) => call.keywords.get(name)),
    ...positions.map((position) => call.args[position]),
  ];
  for (const value of values) {
    const text = value === undefined ? undefined : textOf(value, names);
    if (text !== undefined) return text;
  }
  return undefined;
}

const modeOf = (call: Call, position: number, names: Names): string => {
  const value = call.keywords.get('mode') ?? call.keywords.get('open') ?? call.args[position];
  return (value === undefined ? undefined : textOf(value, names)) ?? 'r';
};

function opened(path: string | undefined, mode: string, isCertain = true): PathUse | 'unclear' | undefined {
  const use = /[wx]/.test(mode) ? 'write' : mode.includes('a') ? 'append' : 'read';
  if (path === undefined) return use === 'write' && isCertain ? 'unclear' : undefined;
  return at(path, use);
}

/** `import { a } from './a.js'`, `require('./a')`, `import('./a.js')`: files of the project, not packages. */
const modulesOf = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:from|require\s*\(|import\s*\(?)\s*["'](\.{1,2}\/[^"'\n]+)["']/g)].map(
    ([, path = '']) => path,
  );

function importsOf(text: string, calls: readonly Call[], names: Names): readonly string[] {
  const python = [
    ...text.matchAll(/^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import\b[ \t]*([^\n#]*)|import[ \t]+([\w., \t]+))/gm),
  ];
  const modules = python.flatMap(([, from, what = '', plain]) => {
    if (from === undefined) return (plain ?? '').split(',').map((one) => one.trim().split(/\s+/)[0] ?? '');
    // `from . import features` names the module behind "import".
    return /^\.+$/.test(from) ? what.split(',').map((one) => `${from}${one.trim().split(/\s+/)[0] ?? ''}`) : [from];
  });
  const sourced = calls.filter((call) => call.name === 'source').map((call) => pathOf(call, [0], names));
  return [...modules, ...sourced].filter((one): one is string => one !== undefined && one !== '');
}
