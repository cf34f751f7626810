import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
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

describe('every secret of a list', () => {
  it.each([
    ['one line each', '\n      - WORD\n      - TOK\n      - LAST\n'],
    ['with comments and empty lines', ' # these\n      - WORD\n\n      # and\n      - TOK\n\n      - LAST\n'],
    ['in brackets on the next line', '\n      [WORD,\n       TOK, LAST]\n'],
    ['by an anchor', ' &all\n      - WORD\n      - TOK\n      - LAST\n'],
  ])('is kept from other commands and masked: %s', async (_, list) => {
    using rig = createRig(
      {
        'refit.yaml': SETTINGS,
        'pipelines/p.yaml': `pipeline: p
steps:
  s:
    run: 'echo "$WORD $TOK $LAST"; touch o'
    inputs: []
    outputs: [o]
    secrets:${list}`,
        'pipelines/bad.yaml':
          'pipeline: bad\nsteps: { s: { run: "TOKSECRET+VALUE/1 WORDSECRET LASTSECRET", no: 1 } }\n',
      },
      { ...VALUES, WORD: 'WORDSECRET', LAST: 'LASTSECRET' },
    );
    await rig.refit('run', 'p');
    await rig.refit('notify', '--test');
    expect(rig.read('notice.env')).not.toMatch(/TOKSECRET|WORDSECRET|LASTSECRET/);
    expect(writtenBy(rig)).not.toMatch(/TOKSECRET|WORDSECRET|LASTSECRET/);
    const { stdout, stderr } = await rig.refit('validate', 'bad');
    expect(stdout + stderr).not.toMatch(/TOKSECRET|WORDSECRET|LASTSECRET/);
    expect(writtenBy(rig)).not.toMatch(/TOKSECRET|WORDSECRET|LASTSECRET/);
  });
});

it('takes names of secrets from files of the workspace and its roots only', async () => {
  const lists = 'secrets: [TOK, WORD]\n';
  using outside = createRig({ 'q.yaml': lists });
  const values = { TOK: 'TOKSECRET', WORD: 'WORDSECRET' };
  const shown = async (settings: string, link: string, to: string): Promise<string> => {
    using rig = createRig(
      {
        'refit.yaml': settings,
        'pipelines/p.yaml': 'pipeline: p\nsteps: { s: { run: "true TOKSECRET", no: 1 } }\n',
        'inside/q.yaml': lists,
      },
      values,
    );
    symlinkSync(to, join(rig.root, link));
    const { stdout, stderr } = await rig.refit('validate', 'p');
    return stdout + stderr;
  };
  const q = join(outside.root, 'q.yaml');
  expect(await shown('', 'pipelines/q.yaml', q)).toContain('TOKSECRET');
  expect(await shown(`roots: ["${outside.root}"]\n`, 'pipelines/q.yaml', q)).not.toContain('TOKSECRET');
  expect(await shown('', 'pipelines/q.yaml', '../inside/q.yaml')).not.toContain('TOKSECRET');
});

it('warns of a secret under four characters and leaves the log readable', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('echo a banana and an apple; touch o') }, { TOK: 'an' });
  const run = await rig.refit('run', 'p');
  expect(run.stderr).toContain('TOK: fewer than four characters');
  const shown = await rig.refit('logs', 'latest');
  expect(shown.stdout).toContain('a banana and an apple');
});

it('does not keep secrets in what a person types, and does not export them', async () => {
  const typed = (words: string): string => `${words} TOKSECRET+VALUE/1 and AWSSECRETVALUE`;
  using rig = createRig(
    {
      'refit.yaml': SETTINGS,
      'pipelines/p.yaml': `pipeline: p
params: { key: "TOKSECRET+VALUE/1" }
steps: { s: { run: 'echo \${{ params.key }} > o', inputs: [], outputs: [o], secrets: [TOK] } }
model: o
`,
    },
    { ...VALUES, GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_OUTPUT: 'outputs.txt' },
  );
  await rig.refit('run', 'p');
  await rig.refit('note', 'p@1', typed('a note'));
  await rig.refit('promote', 'p@1', '--reason', typed('because'));
  await rig.refit('pause', 'p', '--reason', typed('holidays'));
  await rig.refit('resume', 'p', '--reason', typed('back'));
  await rig.refit('rollback', 'p', '--reason', typed('no'));
  const columns = [
    ['note', 'text'],
    ['alias_move', 'reason'],
    ['pipeline_act', 'reason'],
  ] as const;
  for (const [table, column] of columns) {
    const rows = rig.query(`SELECT ${column} AS t FROM ${table}`);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).toContain('***');
    expect(JSON.stringify(rows)).not.toMatch(SECRET);
  }
  await rig.refit('export', 'mlflow', '-o', 'exported');
  await rig.refit('export', 'openlineage', '-o', 'events.jsonl');
  await rig.refit('report', 'p@1', '-o', 'card.md');
  const written = rig.files().filter((path) => /^(exported|events|card|summary|outputs)/.test(path));
  expect(written.length).toBeGreaterThan(5);
  // the bytes of the model are the user's own
  const texts = written.filter((path) => !path.endsWith('/o')).map((path) => rig.read(path));
  expect(texts.join('\n')).not.toMatch(SECRET);
});

it('masks secrets as programs write them in URLs, JSON and lines of base64, and passwords anywhere in a variable', async () => {
  const secrets = {
    TOK: 'ab/cd+ef gh!(x)1234567',
    WORD: 'pässwörd-geheim',
    LONG: Array.from({ length: 93 }, (_, i) => String.fromCharCode(97 + ((i * 7) % 26))).join(''),
  };
  const variables = {
    DBURL: 'postgres://u:p@ssw0rdXYZ@h/db',
    PIPX: 'https://pypi.org/simple https://bob:hunter2secret@h/simple',
  };
  const strict = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const wrapped = (
    Buffer.from(secrets.LONG)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).filter((one) => one.length > 8);
  const forms = [
    strict(secrets.TOK),
    strict(secrets.TOK).replaceAll('%2F', '/'),
    strict(secrets.TOK).replaceAll('%20', '+'),
    encodeURIComponent(secrets.TOK).replace(/%../g, (hex) => hex.toLowerCase()),
    'p\\u00e4ssw\\u00f6rd-geheim',
    'ab\\/cd+ef gh!(x)1234567',
    ...wrapped,
    'p@ssw0rdXYZ',
    'hunter2secret',
  ];
  using rig = createRig(
    {
      'pipelines/p.yaml': `pipeline: p\nsteps: { s: { run: "cat forms.txt; echo \\"$DBURL $PIPX\\"; touch o", inputs: [], outputs: [o], secrets: [TOK, WORD, LONG] } }\n`,
      'forms.txt': `${forms.join('\n')}\n`,
    },
    { ...secrets, ...variables },
  );
  await rig.refit('run', 'p');
  const { stdout } = await rig.refit('logs', 'latest', 's');
  expect(stdout).toContain('***');
  for (const form of forms) expect(stdout).not.toContain(form);
});
