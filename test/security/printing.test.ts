import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogPrinter } from '../../src/render/log-printer.js';
import { code, fenced, markdown } from '../../src/render/parts/markdown.js';
import { printable, printableJson, withoutCommands } from '../../src/render/parts/printable.js';
import { createRig, type Rig } from '../support/rig.js';

/** Everything that a terminal, a log viewer, a CI runner or a Markdown renderer would obey. */
const HOSTILE =
  'evil \u001b[2J\u001b]0;title\u0007 \u009b31m \u202e \u2066 \u200b \u{e0041} x\n::error::one\r  ::add-mask::two\n##[add-path]three <img src=x onerror=y> [l](javascript:z) **bold** `code` | bar\n# heading';
/** What the output would have to hold to be obeyed. */
const RAW = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\u{e0000}-\u{e007f}]/u;
const COMMAND = /^\s*::(?!error |warning )|##\[|##vso\[/m;

const FILES = {
  'x.csv': `id,"price\u001b[2J",kind\n1,2,"${HOSTILE.replaceAll('"', '""').replaceAll('\n', ' ')}"\n2,3,b\n3,4,c\n`,
  'loud.sh': `printf '%s\\n' "$HOSTILE"; printf '%s\\n' "$HOSTILE" >&2`,
  'pipelines/p.yaml': JSON.stringify({
    pipeline: 'p',
    owner: HOSTILE,
    description: HOSTILE,
    params: { greeting: HOSTILE },
    datasets: {
      d: { path: 'x.csv', checks: { rules: ["kind <> 'b'", `kind = '\u001b[2J\u202e::error::rule'`] } },
    },
    steps: {
      s: { run: 'sh loud.sh; cp x.csv o', inputs: ['${{ datasets.d }}', 'loud.sh'], outputs: ['o'] },
    },
    model: 'o',
  }),
  'pipelines/fails.yaml': JSON.stringify({
    pipeline: 'fails',
    steps: { s: { run: 'sh loud.sh; exit 3', inputs: [], outputs: [] } },
  }),
  'pipelines/broken.yaml': `pipeline: broken\n"key \u001b[2J\u202e::error::":  1\nsteps: { s: { run: "true", outputs: [o] } }\n`,
};

let rig: Rig;
let files: Rig;
beforeAll(async () => {
  files = createRig({ 'summary.md': '', 'output.txt': '' });
  rig = createRig(FILES, {
    HOSTILE,
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: `${files.root}/summary.md`,
    GITHUB_OUTPUT: `${files.root}/output.txt`,
  });
  const git = (...args: readonly string[]): void => void execFileSync('git', args, { cwd: rig.root, stdio: 'ignore' });
  git('init', '-q', '-b', 'branch\u202e\u2066name');
  git('-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-q', '--allow-empty', '-m', 'first');
  await rig.refit('run', 'p');
  await rig.refit('note', 'p@1', HOSTILE);
  await rig.refit('promote', 'p@1', '--reason', HOSTILE, '--force');
});
afterAll(() => {
  rig[Symbol.dispose]();
  files[Symbol.dispose]();
});

describe.each([
  'run p --force --verbose',
  'run fails',
  'validate',
  'plan p',
  'status',
  'models',
  'why p@1',
  'lineage p@1',
  'served p',
  'runs',
  'show latest',
  'logs latest',
  'check-data p',
  'check-data x.csv',
  'report p@1 --card',
  'check-drift p',
  'decisions',
  'push no-such-\u001b[2J-remote',
  'why no-such-\u202e-name',
  'no-such-\u001b[2J-command',
  'runs --limit \u001b[2J',
  'runs --filter bad\u001b[2J\u202e=',
])('refit %j', (line) => {
  it('prints nothing that a terminal or a runner would obey', async () => {
    const { stdout, stderr } = await rig.refit(...line.split(' '));
    expect(stdout).not.toMatch(RAW);
    expect(stderr).not.toMatch(RAW);
    expect(stdout).not.toMatch(COMMAND);
    // An annotation is a command that refit itself prints.
    expect(stderr).not.toMatch(COMMAND);
    expect(stdout + stderr).not.toContain('internal error');
  });
});

it('prints JSON that holds the exact text, and no raw character', async () => {
  const { stdout } = await rig.refit('why', 'p@1', '--json');
  expect(stdout).not.toMatch(RAW);
  expect(stdout).not.toMatch(COMMAND);
  expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(HOSTILE));
  const { logs } = await rig.json(0, 'logs', 'latest');
  expect(logs[0].text).toContain(HOSTILE);
});

it('writes a step summary without HTML, links or headings of others', async () => {
  const summary = files.read('summary.md');
  expect(summary).toContain('### refit why');
  expect(summary).not.toMatch(RAW);
  const outsideCode = summary.replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, '');
  expect(outsideCode).not.toMatch(/<img|(?<!\\)\[l\]|(?<!\\)\*\*bold|^# heading/m);
  expect(files.read('output.txt')).not.toMatch(RAW);
});

it('writes a model card without HTML, links or headings of others', async () => {
  const { card } = await rig.json(0, 'report', 'p@1', '--card');
  expect(card).toContain('evil \\\\x1b\\[2J');
  expect(card).not.toMatch(RAW);
  const outsideCode = card.replace(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '');
  expect(outsideCode).not.toMatch(/<img|(?<!\\)\[l\]|(?<!\\)\*\*bold|^# heading/m);
});

describe('text', () => {
  it.each([
    ['a\tb\nc\rd', 'a\\tb\\nc\\rd'],
    ['\u0000\u001b\u007f\u0085\u009b', '\\x00\\x1b\\x7f\\x85\\x9b'],
    ['\u061c\u200e\u2028\u2029\u202e\u2066\ufeff', '\\u061c\\u200e\\u2028\\u2029\\u202e\\u2066\\ufeff'],
    ['\ud800 \u{e0041}', '\\ud800 \\u{e0041}'],
    ['Zürich 東京 👩‍👩‍👧 می‌خواهم', 'Zürich 東京 👩‍👩‍👧 می‌خواهم'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('in JSON keeps its value', () => {
    const value = { text: HOSTILE, lone: '\ud800\udbff', tags: '\u{e0041}##[x]' };
    const json = printableJson(JSON.stringify(value, null, 2));
    expect(json).not.toMatch(RAW);
    expect(json).not.toContain('##[');
    expect(JSON.parse(json)).toEqual(value);
  });

  it.each([
    ['::error::x', '\\::error::x'],
    ['  \u00a0::error::x', '  \u00a0\\::error::x'],
    ['a ::error::x', 'a ::error::x'],
    ['a\n::x', 'a\n\\::x'],
    ['a ##[group]', 'a #\\#[group]'],
    ['###vso[task]x', '##\\#vso[task]x'],
    ['### heading', '### heading'],
  ])('%j is no command as %j', (text, shown) => {
    expect(withoutCommands(text)).toBe(shown);
  });
});

describe('a log', () => {
  const LOG = `${HOSTILE}\n\u001b[31mred\u001b[0m 50%\r100%\n  ::stop-commands::x\nZürich ### plain\n::`;

  it('is shown the same wherever its bytes are cut', () => {
    const whole = createLogPrinter();
    const shown = whole.push(Buffer.from(LOG)) + whole.end();
    expect(shown).not.toMatch(RAW);
    expect(shown).not.toMatch(COMMAND);
    expect(shown).toContain('red 50%\n100%\n  \\::stop-commands::x\nZürich ### plain\n\\::');
    for (const size of [1, 2, 3, 5, 7, 64]) {
      const printer = createLogPrinter();
      let pieces = '';
      const bytes = Buffer.from(LOG);
      for (let at = 0; at < bytes.length; at += size) pieces += printer.push(bytes.subarray(at, at + size));
      expect(pieces + printer.end()).toBe(shown);
    }
  });
});

describe('Markdown', () => {
  it.each([
    ['<b>&', '&lt;b&gt;&amp;'],
    ['![i](u) | `c` *b* ~s~ \\', '!\\[i\\](u) \\| \\`c\\` \\*b\\* \\~&#8203;s\\~ \\\\'],
    ['$x$ costs $', '<span>\\$</span>x<span>\\$</span> costs <span>\\$</span>'],
    ['~label ~"two words" a~b', '\\~&#8203;label \\~&#8203;"two words" a\\~b'],
    ['%milestone &1 ^alert 5 % R&D', '%&#8203;milestone &amp;&#8203;1 ^&#8203;alert 5 % R&amp;D'],
    ['owner/name#12 GH-12 @you', 'owner/name#&#8203;12 GH-&#8203;12 @&#8203;you'],
    ['snake_case _emphasis_', 'snake_case \\_emphasis\\_'],
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['===', '\\==='],
    ['a\nb', 'a\\\\nb'],
    ['    code', 'code'],
  ])('of %j is %j', (text, shown) => {
    expect(markdown(text)).toBe(shown);
  });

  it('has code spans and blocks that cannot be closed from inside', () => {
    expect(code('a`b|c')).toBe('`` a`b\\|c ``');
    expect(fenced(['```', '<b>'])).toEqual(['````', '```', '<b>', '````']);
  });
});
