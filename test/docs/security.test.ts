import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const PAGES = ['docs/security.md', 'docs/security-remotes.md'];

/** Sections that promise nothing. */
const NO_PROMISES = ['The model'];

const sections = PAGES.flatMap((page) =>
  readFileSync(page, 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((text) => ({ page, title: text.slice(0, text.indexOf('\n')), text })),
);

const namedIn = (text: string): readonly string[] =>
  [...text.matchAll(/`(test\/[^`\s]+\.test\.ts)`/g)].map(([, path = '']) => path);

it('names a test that exists for each promise', () => {
  expect(sections.length).toBeGreaterThan(8);
  const named = sections.flatMap(({ text }) => namedIn(text));
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
  const without = sections.filter(({ title, text }) => !NO_PROMISES.includes(title) && namedIn(text).length === 0);
  expect(without.map(({ page, title }) => `${page}: ${title}`)).toEqual([]);
});

it('names a test behind each item of a list of promises', () => {
  const lists = sections.filter(({ title }) => ['Commands that only read', 'git', 'Imports'].includes(title));
  expect(lists).toHaveLength(3);
  const items = lists.flatMap(({ text }) => text.match(/^- (?:.+\n)(?: {2}.+\n)*/gm) ?? []);
  expect(items.length).toBeGreaterThan(8);
  expect(items.filter((item) => namedIn(item).length === 0)).toEqual([]);
});

it('promises what each security test checks', () => {
  const named = sections.flatMap(({ text }) => namedIn(text));
  const tests = readdirSync('test/security').filter((name) => name.endsWith('.test.ts'));
  expect(tests.filter((name) => !named.includes(`test/security/${name}`))).toEqual([]);
});

it('is found from SECURITY.md', () => {
  const text = readFileSync('SECURITY.md', 'utf8');
  for (const page of PAGES) expect(text).toContain(`(${page})`);
});
