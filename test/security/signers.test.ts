import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createShare, train, workspace } from '../support/remotes.js';
import type { Rig } from '../support/rig.js';

const makeKey = (rig: Rig, name: string): string => {
  const path = join(rig.root, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  return path;
};

const settings = (share: string): string => `remotes:
  team: { url: ${share}, signers: signers, signing_key: key }
`;

const entryOf = (share: string, number: number): string =>
  join(share, 'log', String(number).padStart(12, '0'), 'entry.json');

it('takes entries of the signers only, however the remote is named', async () => {
  using share = createShare();
  using a = workspace({ 'refit.yaml': settings(share.path) });
  using b = workspace({ 'refit.yaml': settings(share.path) });
  using mallory = workspace();
  makeKey(a, 'key');
  const signers = `a@example.com namespaces="refit" ${readFileSync(join(a.root, 'key.pub'), 'utf8')}`;
  for (const rig of [a, b]) rig.write({ signers });
  await train(a, 'first');
  await a.json(0, 'push', 'team');
  await b.json(0, 'pull', 'team');

  // Mallory can write to the share and signs nothing, or with a key that nobody lists.
  await train(mallory, 'evil');
  await mallory.json(0, 'push', share.path);
  const unsigned = readFileSync(entryOf(share.path, 2), 'utf8');
  for (const name of ['team', share.path]) {
    const pulled = await b.refit('pull', name);
    expect(pulled.stderr).toContain('no signature');
    expect(pulled.exit).toBe(7);
  }
  const { signature } = JSON.parse(readFileSync(entryOf(share.path, 1), 'utf8'));
  const entry = JSON.parse(unsigned);
  for (const [text, why] of [
    [JSON.stringify({ ...entry, signature }), /does not hold/],
    [JSON.stringify({ ...entry, signature: 'x' }), /none of them/],
    [JSON.stringify({ signature, ...entry }), /does not cover/],
  ] as const) {
    writeFileSync(entryOf(share.path, 2), text);
    const pulled = await b.refit('pull', 'team');
    expect(pulled.stderr).toMatch(why);
    expect(pulled.exit).toBe(7);
  }
});

it('pushes nothing without a key, nor with one that the others would refuse', async () => {
  using share = createShare();
  using a = workspace({ 'refit.yaml': settings(share.path).replace(', signing_key: key', '') });
  makeKey(a, 'key');
  makeKey(a, 'other');
  a.write({ signers: `a@example.com ${readFileSync(join(a.root, 'key.pub'), 'utf8')}` });
  await train(a, 'first');
  const bare = await a.refit('push', 'team');
  expect([bare.exit, bare.stderr]).toEqual([2, expect.stringContaining('REFIT_SIGNING_KEY')]);
  a.write({ 'refit.yaml': settings(share.path).replace('signing_key: key', 'signing_key: other') });
  const wrong = await a.refit('push', 'team');
  expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('does not list the key')]);
  a.write({ 'refit.yaml': settings(share.path) });
  await a.json(0, 'push', 'team');
});
