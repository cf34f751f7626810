import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';

const SECRET = 'VALUE-OF-THE-SECRET';
const WORD = { WORD: SECRET };

/** Another pipeline, whose step says what it got. */
const OTHER =
  'pipeline: q\nsteps: { u: { run: "env > q.env; echo VALUE-OF-THE-SECRET", inputs: [], outputs: [q.env] } }\n';

const SOURCE = 'query: "select 1", every: 1d, updated: x';
const STEP = 'run: "true", inputs: [], outputs: []';

/** What a step of another pipeline gets and what refit shows of it, where these files name the secret. */
async function seen(files: Readonly<Record<string, string>>, link?: readonly [string, string]): Promise<string> {
  using rig = createRig({ 'pipelines/q.yaml': OTHER, ...files }, WORD);
  if (link !== undefined) symlinkSync(link[1], join(rig.root, link[0]));
  await rig.refit('run', 'q');
  const logs = await rig.refit('logs', 'latest');
  return rig.read('q.env') + logs.stdout + logs.stderr;
}

const INCLUDED = 'steps: { s: { run: "true", inputs: [], outputs: [], secrets: [WORD] } }\n';

it.each([
  ['in a list', '[parts/a.yaml]', INCLUDED],
  ['line by line', '\n  - "parts/a.yaml"', INCLUDED],
  ['with a file that includes itself', '[parts/a.yaml]', `include: [../p.yaml, a.yaml]\n${INCLUDED}`],
  ['with a fault', '[parts/a.yaml]', `steps: { s: { secrets: [WORD], x: [ }\n`],
  ['for the URL of a source', '[parts/a.yaml]', `datasets: { d: { source: { url: { from: WORD }, ${SOURCE} } } }\n`],
  ['through another file', '[parts/b.yaml]', INCLUDED],
])('knows the secrets of an included file: %s', async (_, list, text) => {
  const files = {
    'pipelines/p.yaml': `pipeline: p\ninclude: ${list}\n`,
    'pipelines/parts/a.yaml': text,
    'pipelines/parts/b.yaml': 'include: [../parts/a.yaml]\n',
  };
  expect(await seen(files)).not.toContain(SECRET);
});

it('reads no included file outside of the workspace', async () => {
  using outside = createRig({ 'a.yaml': INCLUDED });
  const file = join(outside.root, 'a.yaml');
  const including = (path: string) => ({ 'pipelines/p.yaml': `pipeline: p\ninclude: ["${path}"]\n` });
  expect(await seen(including('link.yaml'), ['pipelines/link.yaml.not', file])).toContain(SECRET);
  expect(await seen(including('link.txt'), ['pipelines/link.txt', file])).toContain(SECRET);
  expect(await seen(including(file))).toContain(SECRET);
  expect(await seen(including(`${'../'.repeat(20)}${file.slice(1)}`))).toContain(SECRET);
});

const withUrl = (url: string): string => `pipeline: p\ndatasets: { d: { source: { ${url}, ${SOURCE} } } }\nsteps: {}\n`;
const withList = (list: string): string => `pipeline: p\nsteps:\n  s:\n    ${list}\n    run: "true"\n`;

it.each([
  ['an anchor', withUrl('url: &u {from: WORD}')],
  ['escaped keys', withUrl('"\\x75rl": {"\\u0066rom": WORD}')],
  ['an escaped name', withUrl('url: {from: "W\\x4fRD"}')],
  ['a key cut into two lines', withUrl('"u\\\n  rl": {from: WORD}')],
  ['a comment before it', withUrl('url: { # here\n  from: WORD}')],
  ['an alias of the map', `x: &u {from: WORD}\n${withUrl('url: *u')}`],
  ['an alias of the name', `x: &n WORD\n${withUrl('url: {from: *n}')}`],
  ['an alias of the key', `x: [&k url, &f from]\n${withUrl('*k : {*f : WORD}')}`],
  ['a merge key', `x: &u {from: WORD}\n${withUrl('url: {<<: [*u]}')}`],
  ['a tag', withUrl('url: !!map {from: !!str WORD}')],
  ['an explicit key', withUrl('? url\n  : {from: WORD}')],
  ['a key on another line', withUrl('url: {"from"\n  : "WORD"}')],
  ['a list with a tag', withList('secrets: !!seq\n      - WORD')],
  ['a list behind a comment', withList('secrets: # these\n      [WORD]')],
  ['a list with aliases', `x: &n "W\\x4fRD"\n${withList('secrets: [*n]')}`],
  ['an escaped key of a list', withList('"secret\\x73": [WORD]')],
  ['values that do not stand beside their dashes', withList('secrets:\n      -\n        WORD')],
])('knows a secret by %s', async (_, text) => {
  expect(await seen({ 'pipelines/p.yaml': text })).not.toContain(SECRET);
});

it.each([
  ['an escaped key', '{"\\x66rom": WORD}'],
  ['an anchor', '{from: &n WORD}'],
  ['a comment', '{ from: # here\n    WORD}'],
])('knows a secret of refit.yaml by %s', async (_, url) => {
  const settings = `notifications: { hook: { url: ${url}, on: [failure] } }\n`;
  expect(await seen({ 'refit.yaml': settings })).not.toContain(SECRET);
});

it('leaves a variable alone that is no secret', async () => {
  const text = `pipeline: p\nsteps:\n  s: { ${STEP}, env: { "\\x41": { from: WORD } } }\n`;
  expect(await seen({ 'pipelines/p.yaml': text })).toContain(SECRET);
});
