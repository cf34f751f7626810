/** Patterns of keys, as in the paths of datasets: `*` within a part, `**` across parts, `?` one character, `{a,b}` either. */
export const isPattern = (key: string): boolean => /[*?{]/.test(key);

/** What all keys that match begin with. */
export const prefixOf = (key: string): string => key.slice(0, isPattern(key) ? key.search(/[*?{]/) : undefined);

const PIECE = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[\s\S]/g;

export const patternOf = (key: string): RegExp =>
  new RegExp(`^${[...key.matchAll(PIECE)].map(([piece]) => expressionOf(piece)).join('')}$`);

function expressionOf(piece: string): string {
  if (piece === '**/') return '(?:[^/]*/)*';
  if (piece === '**') return '.*';
  if (piece === '*') return '[^/]*';
  if (piece === '?') return '[^/]';
  if (piece.length > 1) return `(?:${piece.slice(1, -1).split(',').map(literal).join('|')})`;
  return literal(piece);
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
