import { readdirSync, readFileSync } from 'node:fs';

export interface Page {
  /** Relative to the project, `docs/drift.md`. */
  readonly path: string;
  readonly text: string;
}

/** README.md and all pages below docs/. */
export const readPages = (): readonly Page[] =>
  [
    'README.md',
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ].map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const FENCED = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The page without its blocks of code. */
export const proseOf = ({ text }: Page): string => text.replaceAll(FENCED, '');

/** The blocks of code of a language, `yaml` or `sh`. */
export const blocksOf = ({ text }: Page, language: string): readonly string[] =>
  [...text.matchAll(FENCED)].flatMap(([, name, body = '']) => (name === language ? [body] : []));

/** A heading as GitHub makes an anchor of it. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

/** The anchors that a page offers; a heading that comes twice gets a number. */
export function anchorsOf(page: Page): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
      const anchor = anchorOf(heading);
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}
