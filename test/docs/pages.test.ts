import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
// @ts-expect-error a script without types, which the documentation is made with
import { createProgram, exitCodeOf } from '../../scripts/docs/program.js';
import { anchorsOf, blocksOf, type Page, proseOf, readPages } from '../support/pages.js';

const pages = readPages();

/** Links of a page that lead nowhere: to a file that is not there, or to a heading that the page does not have. */
function brokenLinks(page: Page): readonly string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links
    .filter((target) => !/^https?:/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
      if (!existsSync(path)) return true;
      const linked = pages.find((one) => one.path === path);
      return anchor !== undefined && (linked === undefined || !anchorsOf(linked).has(anchor));
    })
    .map((target) => `${page.path}: ${target}`);
}

it('has no link that leads nowhere', () => {
  expect(pages.length).toBeGreaterThan(15);
  expect(pages.flatMap(brokenLinks)).toEqual([]);
});

it('links every page from the index of docs/', () => {
  const index = pages.find((page) => page.path === 'docs/README.md');
  const missing = pages
    .filter(({ path }) => path.startsWith('docs/') && path !== 'docs/README.md')
    .filter(({ path }) => !index?.text.includes(`(${path.slice('docs/'.length)})`));
  expect(missing.map((page) => page.path)).toEqual([]);
});

it('begins every guide with a sentence and a session', () => {
  const others = [
    'docs/design.md',
    'docs/measured-verdicts.md',
    'docs/measured-drift.md',
    'docs/security.md',
    'docs/security-remotes.md',
  ];
  const guides = pages.filter(({ path }) => /^docs\/[a-z-]+\.md$/.test(path) && !others.includes(path));
  expect(guides.length).toBeGreaterThan(10);
  for (const { path, text } of guides)
    expect({ path, start: text.slice(0, 400) }).toEqual({
      path,
      start: expect.stringMatching(/^# .+\n\n\S.*(\n.+)?\n\n<!-- session [a-z]+ -->\n```text\n\$ /),
    });
});

/** The codes in the union `Failure`, read from its source. */
function failureCodes(): readonly string[] {
  const codes: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) && ts.isIdentifier(node.name) && node.name.text === 'code')
      if (node.type !== undefined && ts.isLiteralTypeNode(node.type) && ts.isStringLiteral(node.type.literal))
        codes.push(node.type.literal.text);
    ts.forEachChild(node, visit);
  };
  for (const path of ['src/domain/failure.ts', 'src/domain/data/source-failure.ts'])
    visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest));
  return codes;
}

it('explains every failure code, with its exit code', () => {
  const page = pages.find(({ path }) => path === 'docs/troubleshooting.md');
  const rows = [...(page?.text ?? '').matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)];
  const explained = Object.fromEntries(rows.map(([, code, exit]) => [code, Number(exit)]));
  const codes = failureCodes();
  expect(codes.length).toBeGreaterThan(30);
  expect(explained).toEqual(Object.fromEntries(codes.map((code) => [code, exitCodeOf({ code })])));
});

interface Option {
  readonly long?: string;
  readonly short?: string;
}
interface Command {
  readonly name: () => string;
  readonly options: readonly Option[];
}

/** The `refit …` calls in the blocks and in the code spans of a page. */
function callsOf(page: Page): readonly string[] {
  const lines = ['sh', 'text', 'yaml']
    .flatMap((language) => blocksOf(page, language))
    .flatMap((block) => block.split('\n'));
  const spans = [...proseOf(page).matchAll(/`(refit [^`]+)`/g)].map(([, call = '']) => call);
  return [...lines.filter((line) => /^(?:\$ )?\S*.*\brefit /.test(line)), ...spans].flatMap((line) =>
    [...line.replace(/ #.*$/, '').matchAll(/(?:^|&& |\|\| |\$ |run: |\$\(|-- |; |\{ )refit ([a-z][^|;&)}]*)/g)].map(
      ([, call = '']) => call.trim(),
    ),
  );
}

it('shows only commands and options that exist', async () => {
  const { commands }: { commands: readonly Command[] } = await createProgram();
  const calls = pages.flatMap((page) => callsOf(page).map((call) => ({ page: page.path, call })));
  expect(calls.length).toBeGreaterThan(100);
  const unknown = calls.filter(({ call }) => {
    // Behind "--" stands a command of somebody else.
    const [name = '', ...words] = call.replace(/ -- .*/, '').split(/\s+/);
    const command = commands.find((one) => one.name() === name);
    if (command === undefined) return true;
    const known = new Set(['--help', ...command.options.flatMap(({ long, short }) => [long, short])]);
    return words.some((word) => /^--?[a-z]/.test(word) && !known.has(word.split('=')[0]));
  });
  expect(unknown).toEqual([]);
});
