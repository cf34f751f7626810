import type { SourcePosition } from '../../../domain/pipeline/diagnostic.js';

/** A file of a pipeline: the first is its own, the others are included. */
export interface Part {
  readonly file: string;
  readonly text: string;
}

const MARK = '--- # included file: ';

/**
 * One text for a pipeline of several files, which a run records: the pipeline's own file, then each included one below a line
 * that names it. A pipeline without included files is its own text.
 */
export const bundleOf = (own: string, included: readonly Part[]): string =>
  [own, ...included.map(({ file, text }) => `${MARK}${file}\n${text}`)].join('\n');

/** The first line of a text that would begin an included file in a bundle. */
export function reservedLine(text: string): { readonly line: number; readonly text: string } | undefined {
  const index = text.startsWith(MARK) ? 0 : text.indexOf(`\n${MARK}`) + 1;
  if (index === 0 && !text.startsWith(MARK)) return undefined;
  const end = text.indexOf('\n', index);
  return {
    line: text.slice(0, index).split('\n').length,
    text: text.slice(index, end < 0 ? undefined : end),
  };
}

export function partsOf(file: string, text: string): readonly Part[] {
  const [own = '', ...others] = text.split(`\n${MARK}`);
  const included = others.map((one): Part => {
    const end = one.indexOf('\n');
    return end < 0 ? { file: one, text: '' } : { file: one.slice(0, end), text: one.slice(end + 1) };
  });
  return [{ file, text: own }, ...included];
}

/** Lines of the files of a pipeline, by their places. */
export function linesOf(text: string): (at: SourcePosition) => string {
  const [own, ...included] = partsOf('', text);
  const lines = (own?.text ?? '').split('\n');
  const others = new Map(included.map((part) => [part.file, part.text.split('\n')]));
  return (at) => (others.get(at.file) ?? lines)[at.line - 1] ?? '';
}
