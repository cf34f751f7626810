import { afterEach, describe, expect, it } from 'vitest';
import { createRig, isRunning, type Rig, until } from '../support/rig.js';

const pidIn = (rig: Rig, file: string): number => (rig.has(file) ? Number(rig.read(file)) : 0);

const pipeline = (hooks: string): string => `pipeline: q
steps: { a: { run: 'echo m > m.txt', inputs: [], outputs: [m.txt], secrets: [TOKEN] } }
model: { path: m.txt, first: accept, gate: [{ smoke: 'true' }], publish: { path: serving, ${hooks} } }
`;

const rigs: Rig[] = [];
const publishing = (hooks: string): Rig => {
  const rig = createRig({ 'pipelines/q.yaml': pipeline(hooks) }, { TOKEN: 'hush-hush' });
  rigs.push(rig);
  return rig;
};

afterEach(() => {
  for (const rig of rigs.splice(0)) {
    for (const pid of rig.processes()) process.kill(pid, 'SIGKILL');
    rig[Symbol.dispose]();
  }
});

const promote = async (rig: Rig, exit: number): Promise<void> => {
  await rig.json(0, 'run', 'q');
  const ended = await rig.refit('promote', 'q@1', '--reason', 'x');
  expect(ended).toMatchObject({ exit });
};

describe('a server that a hook starts', () => {
  it.each([
    ['in the background', 'sleep 300 & echo $! > pid'],
    ['with nohup', 'nohup sleep 300 > server.log 2>&1 & echo $! > pid'],
    ['in a session of its own', 'setsid sleep 300 & echo $! > pid'],
  ])('%s lives on when deploy exits with 0', async (_, run) => {
    const rig = publishing(`deploy: { run: '${run}' }`);
    await promote(rig, 0);
    expect(isRunning(pidIn(rig, 'pid'))).toBe(true);
    await rig.json(0, 'retrain', 'q', '--force');
    await rig.json(0, 'doctor', '--repair');
    expect(isRunning(pidIn(rig, 'pid'))).toBe(true);
  });

  it('lives on while it writes its log to a file, also where secrets are masked in the log of the hook', async () => {
    const rig = publishing(
      `deploy: { run: 'sh -c "echo \\$\\$ > pid; while :; do echo tick; sleep 0.05; done" > server.log 2>&1 & while [ ! -s server.log ]; do sleep 0.01; done' }`,
    );
    await promote(rig, 0);
    const before = rig.read('server.log').length;
    await until(() => rig.read('server.log').length > before);
    expect(isRunning(pidIn(rig, 'pid'))).toBe(true);
  });

  it('ends with a deploy that fails or takes too long', async () => {
    for (const end of ['exit 3', 'sleep 300']) {
      const rig = publishing(`deploy: { run: 'sleep 300 & echo $! > pid; ${end}', timeout: 500ms }`);
      await promote(rig, 1);
      expect(isRunning(pidIn(rig, 'pid'))).toBe(false);
    }
  });

  it('ends with verify, which only checks', async () => {
    const rig = publishing("verify: { run: 'sleep 300 & echo $! > pid' }");
    await promote(rig, 0);
    expect(isRunning(pidIn(rig, 'pid'))).toBe(false);
  });
});
