import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rig } from '../support/rig.js';
import { createMonitored, HOSTILE, MONITORED_NOW } from './monitored.js';

let rig: Rig;
beforeAll(async () => {
  rig = await createMonitored();
}, 300_000);
afterAll(() => rig[Symbol.dispose]());

const report = (...args: readonly string[]) => rig.refit('report', ...args, '--now', MONITORED_NOW);

describe('report', () => {
  it('writes one page that fetches nothing and holds every section', async () => {
    expect(await report('rides', '-o', 'r.html')).toMatchObject({ exit: 0, stdout: 'wrote r.html\n' });
    const page = rig.read('r.html');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page).toContain("default-src 'none'");
    for (const id of ['now', 'timeline', 'performance', 'drift', 'data', 'lineage', 'runs', 'delivery'])
      expect(page).toContain(`<section id="${id}"`);
    expect(page).not.toContain(HOSTILE);
    expect(page).toContain('&lt;img src=x onerror=');
  });

  it('ranks the columns by how far they moved, and says of a moved one what has happened', async () => {
    await report('rides', '-o', 'r.html');
    const columns = [...rig.read('r.html').matchAll(/data-column="([^"]*)"/g)].map(([, name]) => name);
    expect(columns[0]).toBe('speed');
    expect(new Set(columns)).toEqual(new Set(['speed', 'kind &lt;i>', 'c0', 'c1', 'c2', 'c3']));
    expect(rig.read('r.html')).toMatch(/<span class="sentence">[^<]*(higher|above|moved|more|larger)/i);
  });

  it('has the same facts in Markdown, with hostile names as text', async () => {
    const { stdout, exit } = await report('rides', '--md');
    expect(exit).toBe(0);
    for (const words of ['# rides', '## What serves now', '## Performance', '## Drift', '## Runs', '**speed**'])
      expect(stdout).toContain(words);
    expect(stdout).not.toMatch(/<img|<script/);
    // Every section says something.
    expect(stdout).not.toMatch(/^## .*\n\s*(##|$(?![\s\S]))/m);
    expect(stdout).toMatch(/## What the champion was made from\n\n```mermaid\nflowchart LR\n/);
  });

  it('is a model card for a version, as page and as Markdown, and a comparison for two', async () => {
    expect(await report('rides@1', '-o', 'card.html')).toMatchObject({ exit: 0 });
    expect(rig.read('card.html')).toContain('Intended use');
    expect((await report('rides@1', '--md')).stdout).toMatch(/^# rides, version 1\n/);
    expect((await report('rides', '--card')).stdout).toMatch(/^# rides, version \d\n/);
    const runs = (await rig.json(0, 'runs', 'rides')).runs.map(({ id }: { readonly id: string }) => id);
    expect(await report(runs.at(-1), runs[0], '-o', 'diff.html')).toMatchObject({ exit: 0 });
    expect(rig.read('diff.html')).toContain(runs[0]);
  });

  it('draws one figure as SVG, and names those there are', async () => {
    const { stdout } = await report('rides', '--svg', 'performance');
    expect(stdout).toMatch(/^<svg[^>]* role="img"/);
    const wrong = await report('rides', '--svg', 'nonsense');
    expect(wrong.exit).not.toBe(0);
    expect(wrong.stderr).toContain('timeline');
  });

  it.each([
    [['rides'], 'no form'],
    [['rides', '--md', '--serve'], 'more than one form'],
    [['rides', '--png', 'timeline'], 'no file'],
    [['rides', '--serve', '-o', 'x.html'], 'no file'],
  ])('refuses %j: %s is given', async (args, words) => {
    const refused = await report(...args);
    expect(refused.exit).toBe(2);
    expect(refused.stderr).toContain(words);
  });

  it('goes on without what could not be measured, and says why', async () => {
    rig.write({ 'labels.csv': 'wrong,columns\n1,2\n' });
    const made = await report('rides', '-o', 'r.html');
    expect(made.exit).toBe(0);
    expect(rig.read('r.html')).toMatch(/not measured[\s\S]*no column of the labels/);
  });

  it('is served to nobody who does not know the whole address, until ^C', async () => {
    const serving = rig.start('report', 'rides', '--serve', '--now', MONITORED_NOW);
    const address = /http:\S+/.exec(await serving.said('until ^C'))?.[0] ?? '';
    const { origin } = new URL(address);
    expect((await fetch(`${address}state`)).status).toBe(200);
    expect((await fetch(`${origin}/`)).status).toBe(404);
    expect((await fetch(`${origin}/guess/`)).status).toBe(404);
    expect((await fetch(address, { method: 'POST' })).status).toBe(404);
    // a page of another site that made its name point here sends that name
    expect(await statusFor(address, 'evil.example')).toBe(404);
    serving.kill('SIGINT');
    expect((await serving.ended).exit).toBe(130);
  });
});

const statusFor = (address: string, host: string): Promise<number | undefined> =>
  new Promise((done, fail) => {
    get(address, { headers: { host } }, (response) => {
      response.resume();
      done(response.statusCode);
    }).on('error', fail);
  });
