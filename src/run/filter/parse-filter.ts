import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import {
  type FilterOperator,
  type FilterValue,
  NAMED_FIELDS,
  PLAIN_FIELDS,
  type RunField,
  type RunFilter,
} from '../../domain/runs/run-filter.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { parseDuration, parseInstant, toIso } from '../../domain/support/time.js';
import { readTokens, type Token } from './tokens.js';

const OPERATORS: Readonly<Record<string, FilterOperator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

const FIELDS = [...PLAIN_FIELDS, ...NAMED_FIELDS.map((kind) => `${kind}.<name>`)];

/** Thrown within the parser, caught at its edge: where it does not go on, and what to write. */
class Problem extends Error {
  readonly token: Token;
  readonly code: string;
  readonly suggestion: string;

  constructor(
    token: Token,
    code: string,
    { message, suggestion }: { readonly message: string; readonly suggestion: string },
  ) {
    super(message);
    this.token = token;
    this.code = code;
    this.suggestion = suggestion;
  }
}

/** `metric.auc > 0.7 and trigger = drift or param.trees in (40, 50)`; `and` binds tighter than `or`. The first fault is told. */
export function parseRunFilter(text: string, option: string): Result<RunFilter, Diagnostic> {
  const tokens = readTokens(text);
  let next = 0;
  const peek = (): Token => tokens[next] ?? (tokens.at(-1) as Token);
  const take = (): Token => {
    const token = peek();
    next += 1;
    return token;
  };
  const isWord = (...words: readonly string[]): boolean => {
    const token = peek();
    return token.kind === 'word' && words.includes(token.text.toLowerCase());
  };
  const isSign = (sign: string): boolean => peek().kind === 'sign' && peek().text === sign;

  const parseOr = (): RunFilter => joined('or', parseAnd);
  const parseAnd = (): RunFilter => joined('and', parseNot);
  const joined = (word: 'and' | 'or', part: () => RunFilter): RunFilter => {
    const of = [part()];
    while (isWord(word)) {
      take();
      of.push(part());
    }
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: word, of };
  };
  const parseNot = (): RunFilter => {
    if (isWord('not')) {
      take();
      return { kind: 'not', of: parseNot() };
    }
    if (!isSign('(')) return parseComparison();
    const open = take();
    const inner = parseOr();
    if (!isSign(')'))
      throw new Problem(open, 'unclosed', {
        message: 'this ( is never closed',
        suggestion: 'write a ) where the group ends',
      });
    take();
    return inner;
  };
  const parseComparison = (): RunFilter => {
    const field = parseField(take());
    const isNot = isWord('not') && take() !== undefined;
    const token = take();
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    const filter = (operator: FilterOperator, values: readonly FilterValue[]): RunFilter => {
      const compared: RunFilter = { kind: 'compare', field, operator, values };
      return isNot ? { kind: 'not', of: compared } : compared;
    };
    if (word === 'in') return filter('in', parseList(field));
    if (word === 'contains') return filter('contains', [parseValue(field, take())]);
    if (word === 'is' && !isNot) return parseMissing(field);
    const operator = token.kind === 'sign' ? OPERATORS[token.text] : undefined;
    if (operator === undefined || isNot)
      throw unexpected(token, 'an operator', '= != < <= > >= in (…), contains, is missing, is present');
    return filter(operator, [parseValue(field, take())]);
  };
  const parseMissing = (field: RunField): RunFilter => {
    const token = take();
    const missing: RunFilter = { kind: 'compare', field, operator: 'missing', values: [] };
    if (token.kind === 'word' && /^(missing|null)$/i.test(token.text)) return missing;
    if (token.kind === 'word' && /^present$/i.test(token.text)) return { kind: 'not', of: missing };
    throw unexpected(token, '"missing" or "present" after "is"', 'write: is missing, or: is present');
  };
  const parseList = (field: RunField): readonly FilterValue[] => {
    const open = take();
    if (open.kind !== 'sign' || open.text !== '(') throw unexpected(open, 'a ( after "in"', 'write: in (40, 50)');
    const values = [parseValue(field, take())];
    while (isSign(',')) {
      take();
      values.push(parseValue(field, take()));
    }
    const close = take();
    if (close.kind !== 'sign' || close.text !== ')')
      throw unexpected(close, 'a , or a )', 'values are separated by commas');
    return values;
  };
  try {
    const filter = parseOr();
    const rest = peek();
    if (rest.kind !== 'end') throw unexpected(rest, '"and", "or" or the end', 'join conditions by and, or');
    return ok(filter);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return err(diagnosticOf(problem, text, option));
  }
}

function diagnosticOf(problem: Problem, text: string, file: string): Diagnostic {
  const { from, to } = problem.token;
  const before = text.slice(0, from).split('\n');
  const line = before.length;
  const col = (before.at(-1)?.length ?? 0) + 1;
  return {
    severity: 'error',
    code: problem.code,
    message: problem.message,
    at: { file, line, col, endCol: col + Math.max(1, to - from) },
    sourceLine: text.split('\n')[line - 1] ?? '',
    suggestion: problem.suggestion,
  };
}

function unexpected(token: Token, wanted: string, suggestion: string): Problem {
  const is = token.kind === 'end' ? 'it ends' : `there is "${token.text}"`;
  return new Problem(token, 'unexpected', { message: `${is} where ${wanted} is expected`, suggestion });
}

function parseField(token: Token): RunField {
  if (token.kind !== 'word') throw unexpected(token, 'a field', `fields: ${FIELDS.join(', ')}`);
  const plain = PLAIN_FIELDS.find((one) => one === token.text);
  if (plain !== undefined) return { kind: 'plain', name: plain };
  const dot = token.text.indexOf('.');
  const kind = NAMED_FIELDS.find((one) => one === token.text.slice(0, dot));
  const name = token.text.slice(dot + 1);
  if (kind !== undefined && name !== '') return { kind, name };
  const meant = FIELDS.find((one) => one.startsWith(token.text.slice(0, 3)) || token.text.startsWith(one.slice(0, 4)));
  throw new Problem(token, 'unknown-field', {
    message: `"${token.text}" is no field of a run`,
    suggestion: `${meant === undefined ? '' : `did you mean "${meant}"? `}fields: ${FIELDS.join(', ')}`,
  });
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A bare word is a text, a number or a truth; durations and times of the fields that are some. */
function parseValue(field: RunField, token: Token): FilterValue {
  if (token.kind !== 'word' && token.kind !== 'text')
    throw unexpected(token, 'a value', `text with spaces or signs is quoted: 'like this'`);
  const { text } = token;
  if (field.kind === 'plain' && field.name === 'duration') return durationOf(token);
  if (field.kind === 'plain' && ['started', 'finished', 'now'].includes(field.name)) return timeOf(token);
  if (field.kind === 'metric') {
    if (!NUMBER.test(text))
      throw new Problem(token, 'not-a-number', {
        message: `a metric is a number, "${text}" is none`,
        suggestion: 'write 0.7 or 1e-3',
      });
    return Number(text);
  }
  if (token.kind === 'text') return text;
  if (NUMBER.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

function durationOf(token: Token): number {
  const ms = parseDuration(token.text);
  if (ms === undefined)
    throw new Problem(token, 'not-a-duration', {
      message: `"${token.text}" is no duration`,
      suggestion: 'write 30s, 10m or 1h',
    });
  return ms;
}

function timeOf(token: Token): string {
  const at = parseInstant(token.text);
  if (at === undefined)
    throw new Problem(token, 'not-a-time', {
      message: `"${token.text}" is no time`,
      suggestion: 'write 2026-02-01 or 2026-02-01T03:00:00Z',
    });
  return toIso(at);
}
