import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { FilterOperator, FilterValue, RunField, RunFilter } from '../../domain/runs/run-filter.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { Problem, unexpected } from './filter-problem.js';
import { parseField, parseValue } from './parse-value.js';
import { createCursor, readTokens, type Token, type TokenCursor } from './tokens.js';

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

/**
 * Parses a filter such as `metric.auc > 0.7 and trigger = drift or param.trees in (40, 50)`. `and` binds tighter than
 * `or`. Reports only the first mistake. `option` takes the place of the file name.
 */
export function parseRunFilter(text: string, option: string): Result<RunFilter, Diagnostic> {
  const tokens = readTokens(text);
  const cursor = createCursor(tokens);
  try {
    checkLimits(tokens);
    const filter = parseOr(cursor);
    const rest = cursor.peek();
    if (rest.kind !== 'end') throw unexpected(rest, '"and", "or" or the end', 'join conditions by and, or');
    return ok(filter);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return err(diagnosticOf(problem, text, option));
  }
}

/** No person writes more, and SQLite takes no deeper expression than a filter of this size can make. */
const LONGEST = 10_000;
const DEEPEST = 50;

function checkLimits(tokens: readonly Token[]): void {
  let groups = 0;
  let nots = 0;
  for (const token of tokens) {
    nots = token.kind === 'word' && token.text.toLowerCase() === 'not' ? nots + 1 : 0;
    if (token.kind === 'sign' && token.text === '(') groups += 1;
    if (token.kind === 'sign' && token.text === ')') groups -= 1;
    if (groups + nots > DEEPEST) throw tooComplex(token, 'the filter is nested too deeply');
    if (token.to > LONGEST + 1) throw tooComplex(token, `the filter is longer than ${LONGEST} characters`);
  }
}

const tooComplex = (token: Token, message: string): Problem =>
  new Problem(token, 'too-complex', { message, suggestion: 'write a simpler filter' });

const parseOr = (cursor: TokenCursor): RunFilter => joined(cursor, 'or', parseAnd);
const parseAnd = (cursor: TokenCursor): RunFilter => joined(cursor, 'and', parseNot);

function joined(cursor: TokenCursor, word: 'and' | 'or', part: (cursor: TokenCursor) => RunFilter): RunFilter {
  const of = [part(cursor)];
  while (cursor.isWord(word)) {
    cursor.take();
    of.push(part(cursor));
  }
  return of.length === 1 && of[0] !== undefined ? of[0] : { kind: word, of };
}

function parseNot(cursor: TokenCursor): RunFilter {
  if (cursor.isWord('not')) {
    cursor.take();
    return { kind: 'not', of: parseNot(cursor) };
  }
  return cursor.isSign('(') ? parseGroup(cursor) : parseComparison(cursor);
}

function parseGroup(cursor: TokenCursor): RunFilter {
  const open = cursor.take();
  const inner = parseOr(cursor);
  if (!cursor.isSign(')'))
    throw new Problem(open, 'unclosed', {
      message: 'this ( is never closed',
      suggestion: 'write a ) where the group ends',
    });
  cursor.take();
  return inner;
}

function parseComparison(cursor: TokenCursor): RunFilter {
  const { take, isWord } = cursor;
  const field = parseField(take());
  const isNot = isWord('not') && take() !== undefined;
  const token = take();
  const word = token.kind === 'word' ? token.text.toLowerCase() : '';
  const filter = (operator: FilterOperator, values: readonly FilterValue[]): RunFilter => {
    const compared: RunFilter = { kind: 'compare', field, operator, values };
    return isNot ? { kind: 'not', of: compared } : compared;
  };
  if (word === 'in') return filter('in', parseList(cursor, field));
  if (word === 'contains') return filter('contains', [parseValue(field, take())]);
  if (word === 'is' && !isNot) return parseMissing(cursor, field);
  const operator = token.kind === 'sign' ? OPERATORS[token.text] : undefined;
  if (operator === undefined || isNot)
    throw unexpected(token, 'an operator', '= != < <= > >= in (…), contains, is missing, is present');
  return filter(operator, [parseValue(field, take())]);
}

function parseMissing({ take }: TokenCursor, field: RunField): RunFilter {
  const token = take();
  const missing: RunFilter = { kind: 'compare', field, operator: 'missing', values: [] };
  if (token.kind === 'word' && /^(missing|null)$/i.test(token.text)) return missing;
  if (token.kind === 'word' && /^present$/i.test(token.text)) return { kind: 'not', of: missing };
  throw unexpected(token, '"missing" or "present" after "is"', 'write: is missing, or: is present');
}

function parseList({ take, isSign }: TokenCursor, field: RunField): readonly FilterValue[] {
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
