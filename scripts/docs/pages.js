// The pages of the documentation, and the sections in them that are written by the program.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const PROJECT = resolve(import.meta.dirname, '../..');

/** README.md and every page below docs/, relative to the project. */
export const pageNames = () => [
  'README.md',
  ...readdirSync(join(PROJECT, 'docs'), { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
];

export const readPage = (page) => readFileSync(join(PROJECT, page), 'utf8');

/** Writes a page if it changed. */
export function writePage(page, text) {
  if (text !== readPage(page)) writeFileSync(join(PROJECT, page), text);
}

/** From `<!-- name argument -->` to `<!-- /name -->`. Other comments are not sections. */
const SECTION = /<!-- ([a-z-]+)(?: ([a-z-]+))? -->\n([\s\S]*?)\n?<!-- \/\1 -->/g;

/** The generated sections of a page, in order: `{ name, argument, body }`. */
export const sectionsOf = (text) =>
  [...text.matchAll(SECTION)].map(([, name, argument, body]) => ({ name, argument, body: body.trim() }));

/** The page with each section's body replaced by what `make(section, index)` returns; `undefined` leaves it alone. */
export function withSections(text, make) {
  let index = 0;
  return text.replaceAll(SECTION, (whole, name, argument, body) => {
    const made = make({ name, argument, body: body.trim() }, index++);
    if (made === undefined) return whole;
    const start = argument === undefined ? name : `${name} ${argument}`;
    return `<!-- ${start} -->\n${made.trim()}\n<!-- /${name} -->`;
  });
}
