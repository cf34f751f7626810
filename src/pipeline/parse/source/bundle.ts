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

export const isBundle = (text: string): boolean => text.startsWith(MARK) || text.includes(`\n${MARK}`);

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
