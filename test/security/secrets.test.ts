import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const VALUES = {
  TOK: 'TOKSECRET+VALUE/1',
  HOOK: 'http://127.0.0.1:1/HOOKSECRETVALUE',
  AWS_SECRET_ACCESS_KEY: 'AWSSECRETVALUE',
  HTTP_PROXY: 'http://user:PROXYSECRET@127.0.0.1:1',
};
const SECRET = /TOKSECRET|HOOKSECRET|AWSSECRET|PROXYSECRET/;

const SETTINGS = `notifications:
  hook: { url: { from: HOOK } }
  c: { run: 'env > notice.env; echo "$REFIT_NOTICE" > notice.json; echo "\${TOK:-none} told"' }
`;

const pipeline = (run: string, more = ''): string => `pipeline: p
steps:
  s: { run: '${run}', inputs: [], outputs: [o], secrets: [TOK] }
${more}`;

const rigWith = (files: Readonly<Record<string, string>>): Rig =>
  createRig({ 'refit.yaml': SETTINGS, ...files }, VALUES);

/** Everything that refit wrote below its own folder, as bytes. */
const writtenBy = (rig: Rig): string =>
  rig
    .files('.refit')
    .map((path) => rig.read(path))
    .join('\n');

describe('a child process', () => {
  it('gets its own secrets only; keys of AWS reach steps', async () => {
    using rig = rigWith({
      'pipelines/p.yaml': pipeline(
        'env > own.env; touch o',
        '  t: { run: "env > other.env", inputs: [], outputs: [other.env] }\n',
      ),
      'pipelines/q.yaml': 'pipeline: q\nsteps: { u: { run: "env > q.env", inputs: [], outputs: [q.env] } }\n',
    });
    await rig.refit('run', 'p');
    await rig.refit('run', 'q');
    await rig.refit('notify', '--test');
    expect(rig.read('own.env')).toContain('TOK=');
    expect(rig.read('own.env')).not.toContain('HOOK=');
    for (const path of ['other.env', 'q.env', 'notice.env']) {
      expect(rig.read(path)).not.toMatch(/TOKSECRET|HOOKSECRET/);
      expect(rig.read(path).includes('AWSSECRET')).toBe(path !== 'notice.env');
    }
  });

  it('has its secrets masked in logs, registry, notices and what is shown, in every form', async () => {
    using rig = rigWith({
      'pipelines/p.yaml': pipeline(
        'echo plain "$TOK" "$AWS_SECRET_ACCESS_KEY" "$HTTP_PROXY"; printf "x%s" "$TOK" | base64; printf "%s" "$TOK" | base64; node -e "console.log(encodeURIComponent(process.env.TOK))"; touch o; false',
      ),
    });
    const run = await rig.refit('run', 'p');
    const shown = await rig.refit('logs', 'latest');
    const status = await rig.refit('status');
    const notice = await rig.refit('notify', '--test');
    const all = [run, shown, status, notice].map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(all).toContain('***');
    const base64 = ['', 'x'].map((before) =>
      Buffer.from(before + VALUES.TOK)
        .toString('base64')
        .slice(4, -4),
    );
    for (const text of [all, writtenBy(rig)]) {
      expect(text).not.toMatch(SECRET);
      for (const form of base64) expect(text).not.toContain(form);
    }
  });

  it('has secrets masked in the lines of a file that a diagnostic shows', async () => {
    using rig = rigWith({
      'pipelines/p.yaml': `${pipeline('touch o')}  bad: { run: "curl TOKSECRET+VALUE/1", nonsense: 1 }\n`,
    });
    const validated = await rig.refit('validate', 'p');
    expect(validated.exit).not.toBe(0);
    expect(validated.stdout + validated.stderr).not.toMatch(SECRET);
    expect(validated.stdout + validated.stderr).toContain('***');
  });
});

it('warns of a secret under four characters and leaves the log readable', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('echo a banana and an apple; touch o') }, { TOK: 'an' });
  const run = await rig.refit('run', 'p');
  expect(run.stderr).toContain('TOK: fewer than four characters');
  const shown = await rig.refit('logs', 'latest');
  expect(shown.stdout).toContain('a banana and an apple');
});
