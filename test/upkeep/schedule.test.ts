import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { BIN, createRig, type Document, type Rig } from '../support/rig.js';

const pipeline = (retrain: string, name = 'p'): string => `
pipeline: ${name}
steps:
  train: { run: "printf x > work/model.txt", inputs: [], outputs: [work/model.txt] }
model: { path: work/model.txt, publish: { path: serving/${name} } }
${retrain}
`;

const at = (cron: string, timezone = 'UTC'): string =>
  pipeline(`retrain: { when: { any: [{ schedule: "${cron}", timezone: ${timezone} }, { max_age: 90d }] } }`);

const GATED = `
pipeline: p
steps:
  train: { run: "printf x > model.txt", inputs: [], outputs: [model.txt] }
model:
  path: model.txt
  evaluate: { run: "printf '{\\"auc\\":0.7}' > \${{ evaluation.path }}", inputs: [] }
  gate: [auc >= 0.6]
  publish: { path: serving }
retrain: weekly
`;

/** A crontab program that keeps a file, as Debian's does. */
const CRONTAB = `#!/bin/sh
file="$KEPT/table"
case "$1" in
  -l) if [ -f "$file" ]; then cat "$file"; else echo "no crontab for tester" >&2; exit 1; fi ;;
  -) cat > "$file"; echo wrote >> "$KEPT/calls" ;;
esac
`;

const SYSTEMCTL = `#!/bin/sh
echo "$@" >> "$KEPT/calls"
`;

let rig: Rig;
let programs: string;

/** A workspace whose `crontab` and `systemctl` are replaced by programs that keep files in a folder. */
function createScheduleRig(files: Readonly<Record<string, string>>): Rig {
  return createRig(files, {
    PATH: `${programs}:${process.env.PATH}`,
    KEPT: programs,
    XDG_CONFIG_HOME: programs,
  });
}

const install = (program: string, text: string): void => writeFileSync(join(programs, program), text, { mode: 0o755 });
const kept = (name: string): string => readFileSync(join(programs, name), 'latin1');
const calls = (): readonly string[] => (existsSync(join(programs, 'calls')) ? kept('calls').trim().split('\n') : []);
const printed = async (target: string, ...args: readonly string[]): Promise<string> =>
  (await rig.json(0, 'schedule', 'p', '--print', target, ...args)).text;
const minutesOf = async (yaml: string): Promise<string> => {
  rig.write({ 'pipelines/p.yaml': yaml });
  return (await printed('cron')).split(' * * * * ')[0] ?? '';
};

/** What cron hands to the shell: it takes the backslash from `\%`. */
const commandOf = (line: string): string => line.split(' ').slice(5).join(' ').replaceAll('\\%', '%');

beforeEach(() => {
  programs = mkdtempSync(join(tmpdir(), 'refit-programs-'));
  install('crontab', CRONTAB);
  install('systemctl', SYSTEMCTL);
  rig = createScheduleRig({ 'pipelines/p.yaml': at('30 4 * * 1') });
});
afterEach(() => {
  rig[Symbol.dispose]();
  rmSync(programs, { recursive: true });
});

describe('the times', () => {
  it('ticks hourly at the minute of the schedule, in the declared zone, and more often where it must', async () => {
    expect(await minutesOf(at('30 4 * * 1'))).toBe('30');
    expect(await minutesOf(at('0 3 1 * *', 'Asia/Kolkata'))).toBe('30');
    expect(await minutesOf(at('0 3 * * *', 'Australia/Lord_Howe'))).toBe('0,30');
    expect(await minutesOf(at('*/15 9-17 * * 1-5'))).toBe('*/15');
    expect(await minutesOf(at('5,35 * * * *'))).toBe('5,35');
    expect(await minutesOf(at('* * * * *'))).toBe('*');
    expect(await minutesOf(pipeline('retrain: weekly'))).toBe('0');
    expect(await minutesOf(pipeline('retrain: { when: { max_age: 9d }, tick: 10m }'))).toBe('*/10');
    expect(await minutesOf(pipeline('retrain: { when: { max_age: 9d }, tick: 7m }'))).toBe('*/6');
  });

  it('gives a pipeline without a fixed minute one that stays the same', async () => {
    const minute = await minutesOf(pipeline('retrain: { when: { max_age: 90d }, tick: 1d }'));
    expect(minute).toMatch(/^\d+$/);
    expect(await minutesOf(pipeline('retrain: { when: { max_age: 90d }, tick: 1d }'))).toBe(minute);
  });

  it('joins the minutes of all pipelines for --all', async () => {
    rig.write({
      'pipelines/q.yaml': pipeline('retrain: { when: "45 1 * * *" }', 'q'),
      'pipelines/none.yaml': pipeline('', 'none'),
    });
    const { text, pipeline: subject } = await rig.json(0, 'schedule', '--all', '--print', 'cron');
    expect(subject).toBeNull();
    expect(text).toMatch(/^30,45 \* \* \* \* /);
    expect(text).toContain(' retrain --all --quiet');
  });
});

describe('the line of cron', () => {
  it('works as cron calls it: with a small environment, from another folder, in a path with odd characters', async () => {
    const odd = join(rig.root, `it's 100% "odd" $HOME`);
    mkdirSync(join(odd, 'pipelines'), { recursive: true });
    writeFileSync(join(odd, 'pipelines/p.yaml'), GATED);
    writeFileSync(join(odd, 'refit.yaml'), '');
    const line = execFileSync(process.execPath, [BIN, 'schedule', 'p', '--print', 'cron'], {
      cwd: odd,
      encoding: 'utf8',
    });
    const tick = () =>
      spawnSync('/bin/sh', ['-c', commandOf(line.trimEnd())], {
        cwd: '/',
        env: { HOME: '/', PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
      });
    const { stdout, stderr } = tick();
    expect(stdout).toContain('p@1');
    expect(stderr).toBe('');
    expect(readFileSync(join(odd, '.refit/logs/schedule.log'), 'utf8')).toBe(stdout);
    expect(tick().stdout).toBe('');
  }, 300_000);

  it('refuses what cron cannot hold', async () => {
    const deep = join(rig.root, 'x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200), 'back\\slash');
    for (const folder of [deep, dirname(deep)]) {
      mkdirSync(join(folder, 'pipelines'), { recursive: true });
      writeFileSync(join(folder, 'pipelines/p.yaml'), at('30 4 * * 1'));
      writeFileSync(join(folder, 'refit.yaml'), '');
      const { status, stderr } = spawnSync(process.execPath, [BIN, 'schedule', 'p', '--print', 'cron'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect({ status, stderr }).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/cron (cannot hold|takes 998)/),
      });
    }
  });

  it.skipIf(!isInstalled(spawnSync('crontab', ['-V']).error === undefined, 'crontab'))(
    "is taken by Debian's crontab -n",
    async () => {
      rig.write({ lines: await printed('cron'), wrong: '61 * * * * true\n' });
      const checked = (file: string) => spawnSync('crontab', ['-n', join(rig.root, file)], { encoding: 'utf8' }).status;
      expect(checked('lines')).toBe(0);
      expect(checked('wrong')).toBe(1);
    },
  );
});

describe('the crontab', () => {
  /** Latin-1 bytes, a variable, a comment that looks like refit's, no line break at the end. */
  const OTHERS = Buffer.from(
    'MAILTO=me\n\n# caf\xe9\n  5 4 * * *\tbackup 100\\%\n#0 * * * * refit # refit schedule p in /old',
    'latin1',
  );

  it('gets the line once, keeps the lines of others byte for byte, and loses only its own', async () => {
    writeFileSync(join(programs, 'table'), OTHERS);
    const done: Document = await rig.json(0, 'schedule', 'p', '--install', '--yes');
    expect(done).toMatchObject({ target: 'cron', pipeline: 'p', action: 'install', changed: true });
    expect(done.diff.filter((line: string) => /^[+-][^+-]/.test(line)).join('\n')).toContain('+30 * * * * cd ');
    expect(kept('table').startsWith(`${OTHERS.toString('latin1')}\n30 * * * * cd `)).toBe(true);

    expect(await rig.json(0, 'schedule', 'p', '--install', '--yes')).toMatchObject({ changed: false, diff: [] });
    expect(calls()).toHaveLength(1);

    using other = createScheduleRig({ 'pipelines/p.yaml': at('30 4 * * 1') });
    await other.json(0, 'schedule', 'p', '--install', '--yes');
    rig.write({ 'pipelines/p.yaml': at('45 4 * * 1') });
    await rig.json(0, 'schedule', 'p', '--install', '--yes');
    const own = kept('table')
      .split('\n')
      .filter((line) => line.includes(' retrain p '));
    expect(own.map((line) => line.split(' ')[0])).toEqual(['45', '30']);

    rig.write({ 'pipelines/p.yaml': 'nonsense' });
    await rig.json(0, 'schedule', 'p', '--remove', '--yes');
    await other.json(0, 'schedule', join(other.root, 'pipelines/p.yaml'), '--remove', '--yes');
    expect(kept('table')).toBe(`${OTHERS.toString('latin1')}\n`);
    expect(await rig.json(0, 'schedule', 'p', '--remove')).toMatchObject({ changed: false });
  }, 300_000);

  const canBeNobody = process.getuid?.() === 0 && spawnSync('crontab', ['-u', 'nobody', '-l']).status === 1;
  it.skipIf(!isInstalled(canBeNobody, 'crontab of a user nobody, as root'))(
    "is kept by Debian's own program too",
    () => {
      const nobody = { uid: 65534, gid: 65534, cwd: rig.root, encoding: 'utf8' } as const;
      chmodSync(rig.root, 0o755);
      const refit = (...args: string[]) =>
        spawnSync(process.execPath, [BIN, 'schedule', 'p', ...args, '--yes'], nobody);
      const listed = () => spawnSync('crontab', ['-l'], nobody).stdout;
      try {
        spawnSync('crontab', ['-'], { ...nobody, input: '# theirs\n5 4 * * * true\n' });
        expect(refit('--install').stdout).toContain('installed p in your crontab');
        expect(listed()).toMatch(/^# theirs\n5 4 \* \* \* true\n30 \* \* \* \* cd .*\n$/);
        expect(refit('--install').stdout).toContain('nothing to change');
        refit('--remove');
        expect(listed()).toBe('# theirs\n5 4 * * * true\n');
      } finally {
        spawnSync('crontab', ['-u', 'nobody', '-r']);
      }
    },
  );

  it('changes nothing without an answer', async () => {
    const { exit, stderr } = await rig.refit('schedule', 'p', '--install');
    expect({ exit, stderr }).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/\+30 \* \* \* \* cd [\s\S]*add --yes/),
    });
    expect(calls()).toEqual([]);
  });

  it.each([
    ['n', 'left as it is', 0],
    ['y', 'installed', 1],
  ])('asks on a terminal: %s', (reply, said, writes) => {
    const { stdout } = spawnSync('script', ['-qec', `${process.execPath} ${BIN} schedule p --install`, '/dev/null'], {
      cwd: rig.root,
      env: { ...process.env, PATH: `${programs}:${process.env.PATH}`, KEPT: programs },
      input: `${reply}\n`,
      encoding: 'utf8',
    });
    expect(stdout).toContain('+30 * * * * cd ');
    expect(stdout).toContain('Change your crontab? [y/N]');
    expect(stdout).toContain(said);
    expect(calls()).toHaveLength(writes);
  });

  it('says so when the crontab cannot be used', async () => {
    install('crontab', '#!/bin/sh\necho "You (tester) are not allowed to use this program" >&2; exit 1\n');
    const { exit, stderr } = await rig.refit('schedule', 'p', '--install', '--yes');
    expect({ exit, stderr }).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/schedule-unusable.*not allowed/),
    });
  });
});

describe('systemd', () => {
  it.skipIf(!isInstalled(spawnSync('systemd-analyze', ['--version']).error === undefined, 'systemd-analyze'))(
    'writes units that systemd-analyze verifies, also of odd paths',
    async () => {
      const odd = join(rig.root, `it's 100% "odd" $HOME`);
      mkdirSync(join(odd, 'pipelines'), { recursive: true });
      writeFileSync(join(odd, 'pipelines/p.yaml'), at('*/15 4 * * 1'));
      writeFileSync(join(odd, 'refit.yaml'), '');
      const env = {
        ...process.env,
        PATH: `${programs}:${process.env.PATH}`,
        KEPT: programs,
        XDG_CONFIG_HOME: programs,
      };
      const refit = (...args: string[]) =>
        execFileSync(process.execPath, [BIN, 'schedule', 'p', ...args], { cwd: odd, env, encoding: 'utf8' });
      refit('--install', 'systemd', '--yes');
      const folder = join(programs, 'systemd/user');
      const units = readdirSync(folder).sort();
      expect(units.map((name) => name.replace(/[0-9a-f]{8}/, '#'))).toEqual(['refit-p-#.service', 'refit-p-#.timer']);
      const verify = () =>
        spawnSync('systemd-analyze', ['verify', '--user', ...units.map((name) => join(folder, name))], {
          encoding: 'utf8',
          // the user manager wants a folder for its sockets
          env: { ...process.env, XDG_RUNTIME_DIR: programs },
        });
      const { status, stderr } = verify();
      expect({ status, stderr: stderr.split('\n').filter((line) => line.includes('refit-p')) }).toEqual({
        status: 0,
        stderr: [],
      });
      expect(calls().map((call) => call.replace(/[0-9a-f]{8}/, '#'))).toEqual([
        '--user --no-ask-password daemon-reload',
        '--user --no-ask-password enable refit-p-#.timer',
        '--user --no-ask-password restart refit-p-#.timer',
      ]);
      expect(refit('--install', 'systemd')).toContain('nothing to change');
      refit('--remove', 'systemd', '--yes');
      expect(readdirSync(folder)).toEqual([]);
    },
    60_000,
  );
});

describe('what cannot be scheduled', () => {
  it.each([
    ['no retrain section', pipeline(''), /section-missing[\s\S]*retrain: weekly/],
    ['an invalid file', 'pipeline: p\nsteps: 3\n', /wrong-type/],
  ])('%s', async (_, text, words) => {
    rig.write({ 'pipelines/p.yaml': text });
    for (const form of [
      ['--print', 'cron'],
      ['--install', '--yes'],
    ]) {
      const { exit, stderr } = await rig.refit('schedule', 'p', ...form);
      expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringMatching(words) });
    }
    expect((await rig.refit('schedule', '--all', '--print', 'cron')).exit).toBe(2);
  });

  it.each([
    [[], /no pipeline is given/],
    [['p'], /none of --print, --install and --remove/],
    [['p', '--all', '--print', 'cron'], /both "p" and --all/],
    [['p', '--print', 'cron', '--install'], /more than one/],
    [['p', '--print', 'kubernetes'], /does not know the image/],
    [['p', '--print', 'cron', '--image', 'i'], /--image belongs to/],
    [['p', '--install', 'launchd'], /cron, systemd/],
  ])('%j', async (args, words) => {
    const { exit, stderr } = await rig.refit('schedule', ...args);
    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringMatching(words) });
  });
});
