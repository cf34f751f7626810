import { type FilterValue, NAMED_FIELDS, PLAIN_FIELDS, type RunField } from '../../domain/runs/run-filter.js';
import { parseDuration, parseInstant, toIso } from '../../domain/support/time.js';
import { Problem, unexpected } from './filter-problem.js';
import type { Token } from './tokens.js';

const FIELDS = [...PLAIN_FIELDS, ...NAMED_FIELDS.map((kind) => `${kind}.<name>`)];

/** A field such as `status`, or a named one such as `metric.auc`. */
export function parseField(token: Token): RunField {
  if (token.kind !== 'word') throw unexpected(token, 'a field', `fields: ${FIELDS.join(', ')}`);
  const plain = PLAIN_FIELDS.find((one) => one === token.text);
  if (plain !== undefined) return { kind: 'plain', name: plain };
  const dot = token.text.indexOf('.');
  const kind = NAMED_FIELDS.find((one) => one === token.text.slice(0, dot));
  const name = token.text.slice(dot + 1);
  if (kind !== undefined && name !== '') return { kind, name };
  const meant = FIELDS.find((one) => one.startsWith(token.text.slice(0, 3)) || token.text.startsWith(one.slice(0, 4)));
  throw new Problem(token, 'unknown-field', {
    message: `"${token.text}" is not a field of a run`,
    suggestion: `${meant === undefined ? '' : `did you mean "${meant}"? `}metrics and scores of evaluate: metric.${token.text}; fields: ${FIELDS.join(', ')}`,
  });
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A value of the type that its field has: a duration, a time or a metric. In other fields a bare word is a number,
 * `true` or `false` if it reads as one, else text. A quoted value is always text.
 */
export function parseValue(field: RunField, token: Token): FilterValue {
  if (token.kind !== 'word' && token.kind !== 'text')
    throw unexpected(token, 'a value', `text with spaces or signs is quoted: 'like this'`);
  const { text } = token;
  if (field.kind === 'plain' && field.name === 'duration') return durationOf(token);
  if (field.kind === 'plain' && ['started', 'finished', 'now'].includes(field.name)) return timeOf(token);
  if (field.kind === 'metric') {
    if (!NUMBER.test(text))
      throw new Problem(token, 'not-a-number', {
        message: `a metric is a number, and "${text}" is not`,
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
      message: `"${token.text}" is not a duration`,
      suggestion: 'write 30s, 10m or 1h',
    });
  return ms;
}

function timeOf(token: Token): string {
  const at = parseInstant(token.text);
  if (at === undefined)
    throw new Problem(token, 'not-a-time', {
      message: `"${token.text}" is not a time`,
      suggestion: 'write 2026-02-01 or 2026-02-01T03:00:00Z',
    });
  return toIso(at);
}
