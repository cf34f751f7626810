import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { createRig, type Document } from '../support/rig.js';
import { pathsOf, track } from './tracking.js';

const hasStrace = isInstalled(spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0, 'strace');
const hasPython = isInstalled(spawnSync('python3', ['--version']).status === 0, 'python3');

const py = (text: string): Record<string, string> => ({ 'train.py': text });

describe.skipIf(!hasStrace || !hasPython)('what refit track sees of the files of a command', () => {
  it('a module that Python has compiled before is read, and its change makes the step stale', async () => {
    using rig = createRig(
      { ...py("from lib.features import N\nopen('model.json', 'w').write(str(N))\n"), 'lib/features.py': 'N = 1\n' },
      { PYTHONDONTWRITEBYTECODE: '' },
    );
    spawnSync('python3', ['train.py'], { cwd: rig.root, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '' } });
    expect(rig.list('lib')).toContain('__pycache__');
    const tracked = await track(rig, '--', 'python3', 'train.py');
    expect(pathsOf(tracked.reads)).toEqual(['lib/features.py', 'train.py']);
    await rig.json(0, 'init', '--from', 'latest', '--name', 'p');
    await rig.json(0, 'run', 'p');
    rig.write({ 'lib/features.py': 'N = 2\n' });
    const { steps } = await rig.json(0, 'plan', 'p');
    expect(steps.map((step: Document) => step.action)).toEqual(['run']);
  });

  it('a file that was there before and is changed in place is no output, and the pipeline leaves it alone', async () => {
    using rig = createRig({
      ...py(`import json, sqlite3
db = sqlite3.connect('rides.db')
n = db.execute('select count(*) from rides').fetchone()[0]
db.execute('insert into rides values (3)'); db.commit()
state = json.load(open('state.json')); state['k'] += 1; json.dump(state, open('state.json', 'w'))
open('train.log', 'a').write('trained\\n')
new = open('new.log', 'a'); new.write('1'); new.close()
json.dump({'n': n}, open('model.json', 'w'))
`),
      'state.json': '{"k": 5}',
      'train.log': 'first\n',
    });
    const made =
      "import sqlite3; db = sqlite3.connect('rides.db'); db.execute('create table rides (id)'); db.execute('insert into rides values (1), (2)'); db.commit()";
    spawnSync('python3', ['-c', made], { cwd: rig.root });
    const tracked = await track(rig, '--', 'python3', 'train.py');
    expect([...tracked.changed].sort()).toEqual(['rides.db', 'state.json', 'train.log']);
    expect(pathsOf(tracked.writes)).toEqual(['model.json', 'new.log']);
    const { fill_in } = await rig.json(0, 'init', '--from', 'latest', '--name', 'p');
    for (const path of ['rides.db', 'state.json', 'train.log'])
      expect(fill_in.join('\n')).toContain(`train changes ${path}, which was there before`);
    await rig.json(0, 'run', 'p');
    expect(JSON.parse(rig.read('model.json'))).toEqual({ n: 3 });
    expect(JSON.parse(rig.read('state.json'))).toEqual({ k: 7 });
    expect(rig.read('train.log')).toBe('first\ntrained\ntrained\n');
  });

  it('a renamed file lies where the command was, not at the same name of the workspace', async () => {
    using rig = createRig({
      'model.json': 'of somebody else',
      'sub/save.py': "import os; open('model.tmp', 'w').write('new'); os.replace('model.tmp', 'model.json')\n",
      'out/.keep': '',
      'go.py': "import os; os.chdir('out'); open('m.tmp', 'w').write('new'); os.replace('m.tmp', 'm.json')\n",
    });
    expect(pathsOf((await track(rig, '--', 'sh', '-c', 'cd sub && python3 save.py')).writes)).toEqual([
      'sub/model.json',
    ]);
    expect(pathsOf((await track(rig, '--', 'python3', 'go.py')).writes)).toEqual(['out/m.json']);
    const repeated = await rig.json(0, 'reproduce', 'latest');
    expect(repeated.verdict).toBe('same');
  });

  it('folders, pipes and names with a tab or a line break are what they are', async () => {
    using rig = createRig(
      py(`import os
os.makedirs('data'); fd = os.open('data', os.O_RDONLY); os.fsync(fd)
open('a\\tb', 'w').write('1'); open('c\\nd', 'w').write('2')
os.mkfifo('pipe'); os.open('pipe', os.O_RDWR)
`),
    );
    const tracked = await track(rig, '--', 'python3', 'train.py');
    expect(pathsOf(tracked.reads)).toEqual(['train.py']);
    expect(pathsOf(tracked.writes)).toEqual(['a\tb', 'c\nd']);
  });

  it('two commands of one script are two steps, which may not write one file nor have two values of a param', async () => {
    using rig = createRig(py("import sys; open('model.json', 'w').write(sys.argv[1])\n"));
    const ids: string[] = [];
    for (const lr of ['0.1', '0.2']) {
      const { stdout } = await rig.refit('track', '--json', '--param', `lr=${lr}`, '--', 'python3', 'train.py', lr);
      ids.push(JSON.parse(stdout).run.id);
    }
    const two = await rig.refit('init', '--from', ids.join(','), '--name', 'p');
    expect(two).toMatchObject({ exit: 2, stderr: expect.stringContaining('different values of the param lr') });
    for (const lr of ['0.1', '0.2']) await track(rig, '--', 'python3', 'train.py', lr);
    const [b, a] = (await rig.json(0, 'runs', '--limit', '2')).runs;
    const { fill_in } = await rig.json(0, 'init', '--from', `${a.id},${b.id}`, '--name', 'p');
    expect(fill_in).toContain('train-2 writes model.json, and so does train: only one may');
  });
});

it('warns of a secret among the words of a command, and never makes a step without known files fresh', async () => {
  using rig = createRig({ 't.sh': 'true\n' });
  const said = await rig.refit('track', '--no-trace', '--', 'sh', 't.sh', '--password=hunter2');
  expect(said.stderr).toContain('--password=… looks like a secret');
  expect((await rig.refit('track', '--no-trace', '--', 'sh', 't.sh', '--tokenizer=x')).stderr).not.toContain('secret');
  await rig.json(0, 'init', '--from', 'latest', '--name', 'p');
  expect(rig.read('pipelines/p.yaml')).not.toContain('inputs:');
});
