import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const RUNS_GIT = 'src/platform/git/run-git.ts';

it('starts git in one file only', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name}`);
  expect(files.length).toBeGreaterThan(500);
  const starting = files.filter((file) => /['"`](?:\/\S*\/)?git['"`]\s*,\s*\[/.test(readFileSync(file, 'utf8')));
  expect(starting).toEqual([RUNS_GIT]);
});
