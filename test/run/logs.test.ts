import { expect, it } from 'vitest';
import { createRig, until } from '../support/rig.js';

const pipeline = (steps: string): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\nsteps:\n${steps}`,
});

const GATED = (name: string): string =>
  `echo ${name} one; touch ${name}.here; while [ -e ${name}.here ] && [ ! -e go ]; do sleep 0.02; done; echo ${name} two`;

it('follows a run from another terminal until it ends, each line with its step', async () => {
  using rig = createRig(
    pipeline(
      `  a: { run: "${GATED('a')}", inputs: [], outputs: [] }\n  b: { run: "${GATED('b')}", inputs: [], outputs: [] }\n`,
    ),
  );
  const running = rig.start('run', 'p');
  await until(() => rig.has('a.here') && rig.has('b.here'));
  const all = rig.start('logs', 'latest', '-f');
  const one = rig.start('logs', 'latest', 'b', '-f');
  await all.said('a │ a one\n');
  await all.said('b │ b one\n');
  await one.said('b one\n');
  rig.write({ go: '' });
  expect((await running.ended).exit).toBe(0);
  const ended = await all.ended;
  expect(ended.exit).toBe(0);
  expect(ended.stdout.split('\n').sort()).toEqual(['', 'a │ a one', 'a │ a two', 'b │ b one', 'b │ b two']);
  expect(await one.ended).toMatchObject({ exit: 0, stdout: 'b one\nb two\n' });
});

it('ends with a run that is killed', async () => {
  using rig = createRig(pipeline(`  a: { run: "${GATED('a')}", inputs: [], outputs: [] }\n`));
  const running = rig.start('run', 'p');
  await until(() => rig.has('a.here'));
  const all = rig.start('logs', 'latest', '-f');
  await all.said('a one');
  running.kill('SIGKILL');
  expect((await all.ended).exit).toBe(0);
  rig.write({ go: '' });
});

it('keeps a log for each attempt, and shows the end of them', async () => {
  using rig = createRig(
    pipeline(
      '  a: { run: "seq 100000; echo try $REFIT_ATTEMPT; test $REFIT_ATTEMPT = 3", inputs: [], outputs: [], retries: { count: 2, delay: 1ms } }\n',
    ),
  );
  await rig.json(0, 'run', 'p');
  const last = await rig.refit('logs', 'latest', '-n', '2');
  expect(last.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('a, attempt'))).toEqual(
    [1, 2, 3].flatMap((attempt) => ['100000', `try ${attempt}`]),
  );
  const { logs } = await rig.json(0, 'logs', 'latest', 'a');
  expect(logs.map((log: { attempt: number; is_cut: boolean }) => [log.attempt, log.is_cut])).toEqual([
    [1, false],
    [2, false],
    [3, false],
  ]);
  const whole = await rig.refit('logs', 'latest', 'a');
  expect(whole.stdout.length).toBe(
    3 * (588_895 + 'try 1\n'.length) + (whole.stdout.match(/\na, attempt.*\n/g) ?? []).join('').length,
  );
});

const KEY = '-----BEGIN KEY-----\nabcdefghijklmnop\nqrstuvwxyz012345\n-----END KEY-----';

it.each(['', '--verbose'])('keeps secrets out of log and screen, wherever the stream is cut (%s)', async (option) => {
  using rig = createRig(
    {
      ...pipeline('  a: { run: sh s.sh, inputs: [s.sh], outputs: [], secrets: [KEY, TOKEN] }\n'),
      's.sh': `i=0; while [ $i -lt 3000 ]; do printf 'x%s=%s;' "$i" "$TOKEN"; i=$((i+1)); done; echo
printf 'half of it: tok'; sleep 0.05; echo 'en-value'
echo "$KEY"; echo "  line: abcdefghijklmnop"; printf '%s' "$TOKEN" >&2; exit 1`,
    },
    { KEY, TOKEN: 'token-value' },
  );
  const ended = await rig.refit('run', 'p', ...[option].filter((one) => one !== ''));
  expect(ended.exit).toBe(1);
  const [run = ''] = rig.list('.refit/logs');
  const log = rig.read(`.refit/logs/${run}/a.1.log`);
  for (const text of [log, ended.stderr])
    for (const secret of ['token-value', 'abcdefghijklmnop', 'qrstuvwxyz012345']) expect(text).not.toContain(secret);
  expect(log).toContain('x2999=***;');
  expect(log).toContain('half of it: ***\n***\n  line: ***\n***');
});

it('keeps the order of stdout and stderr, and both by name', async () => {
  using rig = createRig(
    pipeline(
      '  a: { run: "for i in 1 2 3; do echo out $i; echo err $i >&2; done; echo named > /dev/stderr; echo end", inputs: [], outputs: [] }\n',
    ),
  );
  const document = await rig.json(0, 'run', 'p');
  expect(rig.read(document.run.steps[0].log)).toBe('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nnamed\nend\n');
  const again = await rig.refit('run', 'p', '--force', '--verbose');
  expect(again.stderr).toMatch(/a │ err 3\na │ named\na │ end/);
});

it('writes each byte once of what passes through refit, however much is left when a step ends', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `s${i}`);
  using rig = createRig(
    pipeline(
      names
        .map(
          (name) =>
            `  ${name}: { run: "head -c 2000000 /dev/zero | tr '\\\\0' x; : ${name}", inputs: [], outputs: [], secrets: [TOKEN] }\n`,
        )
        .join(''),
    ),
    { TOKEN: 'a token' },
  );
  await rig.json(0, 'run', 'p');
  const { logs } = await rig.json(0, 'logs', 'latest');
  const sizes = logs.map((log: { path: string }) => rig.read(log.path).length);
  expect(sizes).toEqual(names.map(() => 2_000_000));
});
