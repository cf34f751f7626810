import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BIN } from '../support/rig.js';

/** `REFIT_USER_COMMANDS=200` for the long way. */
const COMMANDS = Number(process.env.REFIT_USER_COMMANDS ?? 16);
const USERS = [61_001, 61_002] as const;
const GROUP = 61_000;

const as = (uid: number): readonly string[] => [`--reuid=${uid}`, `--regid=${GROUP}`, '--clear-groups'];

/** Needs root, and a project that other users may read. */
function mayBeOthers(): boolean {
  const tried = spawnSync('setpriv', [...as(USERS[0]), process.execPath, BIN, '--version']);
  if (tried.status === 0) return true;
  process.stderr.write('no command can be run as another user here: the tests of two users are skipped\n');
  return false;
}

const PIPELINE = `pipeline: m
steps:
  prepare: { run: 'mkdir -p out/deep; cp source.txt out/p.txt; cp source.txt out/deep/d.txt', inputs: [source.txt], outputs: [out] }
  train: { run: 'cat out/p.txt > model.txt; echo "{\\"auc\\": 0.7}" > auc.json', inputs: [out], outputs: [model.txt], metrics: auc.json }
datasets:
  days: { path: days.csv }
model: { path: model.txt, gate: [auc >= 0.5], publish: { path: serving/m, keep: 2 } }
retrain: { when: { any: [{ command: "true", fires: level }] } }
`;

interface Ended {
  readonly exit: number;
  readonly said: string;
}

/** A folder of a group whose members write what the others made: setgid, and umask 002. */
function sharedFolder() {
  const root = mkdtempSync(join(tmpdir(), 'refit-shared-'));
  chownSync(root, USERS[0], GROUP);
  chmodSync(root, 0o2775);
  const run = (uid: number, script: string): Promise<Ended> =>
    new Promise((done) => {
      const env = { PATH: process.env.PATH, HOME: root, NO_COLOR: '1' };
      const words = [...as(uid), 'sh', '-c', `umask 002; ${script}`];
      execFile('setpriv', words, { cwd: root, env }, (error, stdout, stderr) =>
        done({ exit: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, said: stdout + stderr }),
      );
    });
  const write = async (uid: number, path: string, text: string): Promise<void> => {
    expect((await run(uid, `mkdir -p "$(dirname ${path})"; cat > ${path} <<'END'\n${text}\nEND`)).exit).toBe(0);
  };
  return {
    root,
    write,
    refit: (uid: number, words: string) => run(uid, `exec ${process.execPath} ${BIN} ${words}`),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Gate and triggers answer with codes of their own; 1, 7 and 70 are those of a place that could not be read or written. */
const FINE = new Set([0, 5]);

const commandsOf = (turn: number): string => {
  const each = [
    'run m',
    'status',
    `promote m@${Math.max(1, turn >> 3)} --reason turn`,
    'gc --apply --versions 2',
    'retrain m',
    'check-data m',
    'verify',
    'why model.txt',
  ];
  return each[turn % each.length] ?? '';
};

/** Files of refit that the group may not write, or that are not the group's. */
const lockedOut = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path) && path.includes('/.refit/') && !path.includes('/store/'))
    .filter((path) => {
      const { mode, gid } = statSync(path);
      return gid !== GROUP || (mode & 0o060) !== 0o060;
    });

it.skipIf(!mayBeOthers())(
  'lets two users of a group work in one workspace by turns',
  async () => {
    using shared = sharedFolder();
    await shared.write(USERS[0], 'pipelines/m.yaml', PIPELINE);
    await shared.write(USERS[0], 'days.csv', 'a\n1\n2');
    const wrong: string[] = [];
    for (let turn = 0; turn < COMMANDS; turn++) {
      // by turns, and each of the two meets each command
      const uid = USERS[(turn + (turn >> 3)) % 2] ?? USERS[0];
      if (turn % 4 === 0) await shared.write(uid, 'source.txt', `turn ${turn}`);
      const command = commandsOf(turn);
      const { exit, said } = await shared.refit(uid, command);
      if (!FINE.has(exit)) wrong.push(`${turn} ${uid} refit ${command}: exit ${exit}\n${said}`);
    }
    expect(wrong).toEqual([]);
    expect(lockedOut(shared.root)).toEqual([]);
  },
  COMMANDS * 8000 + 30_000,
);

it.skipIf(!mayBeOthers())('lets two users work at the same time', async () => {
  using shared = sharedFolder();
  await shared.write(USERS[0], 'pipelines/m.yaml', PIPELINE);
  await shared.write(USERS[0], 'days.csv', 'a\n1\n2');
  await shared.write(USERS[1], 'source.txt', 'one');
  for (let round = 0; round < 3; round++) {
    await shared.write(USERS[round % 2] ?? USERS[0], 'source.txt', `round ${round}`);
    const ended = await Promise.all([
      shared.refit(USERS[0], 'run m --wait 1m'),
      shared.refit(USERS[1], 'retrain m --wait 1m'),
      shared.refit(USERS[1], 'status'),
    ]);
    for (const { exit, said } of ended) expect([0, 5], said).toContain(exit);
  }
});
