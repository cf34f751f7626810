import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';

/** One call of a function that takes hours, before DuckDB looks at an interrupt again. */
const HOURS =
  'list_sum(list_transform(range(100000), lambda x: list_sum(list_transform(range(100000), lambda y: list_sum(list_transform(range(100000), lambda z: (x + y + z) % 7))))))';

const FILES = {
  'x.csv': 'a\n1\n2\n',
  'y.csv': 'a\n1\n2\n',
  'pipelines/p.yaml': `pipeline: p
datasets:
  q: { path: { query: "SELECT ${HOURS} + a AS n FROM \${{ datasets.x }}" } }
  x: { path: x.csv }
  y: { path: y.csv, checks: { columns: { a: { min: 0 } } } }
steps: { s: { run: 'true', inputs: ["\${{ datasets.q }}", "\${{ datasets.y }}"], outputs: [o] } }
`,
};

const RULE = `pipeline: p
datasets: { x: { path: x.csv, checks: { rules: ["a > ${HOURS}"] } } }
steps: { s: { run: 'true', inputs: ["\${{ datasets.x }}"], outputs: [o] } }
`;

it.each([
  ['check-data', 'query', FILES['pipelines/p.yaml']],
  ['check-data', 'rule', RULE],
  ['plan', 'query', FILES['pipelines/p.yaml']],
  ['status', 'query', FILES['pipelines/p.yaml']],
])(
  '%s says that the SQL of a %s is too slow and ends, also where one call of a function cannot be stopped',
  async (command, _, pipeline) => {
    using rig = createRig({ ...FILES, 'pipelines/p.yaml': pipeline, '.refit/keep': '' }, { REFIT_QUERY_SECONDS: '1' });
    for (const form of [[], ['--json']]) {
      const running = rig.start(command, 'p', ...form);
      const timer = setTimeout(() => running.kill('SIGTERM'), 50_000);
      const { exit, stdout, stderr } = await running.ended;
      clearTimeout(timer);
      // Only SIGKILL ends such a process; what it has to say was said before.
      expect({ form, exit }).toEqual({ form, exit: -1 });
      expect(stdout + stderr).toContain('query-too-slow');
      if (form.length > 0) expect(JSON.parse(stdout)).toMatchObject({ command });
    }
  },
  150_000,
);

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a run that waits for such a call',
  async (signal) => {
    using rig = createRig(FILES);
    const running = rig.start('run', 'p', '--verbose');
    const timer = setTimeout(() => running.kill('SIGKILL'), 40_000);
    await new Promise((done) => setTimeout(done, 4000));
    const sent = performance.now();
    running.kill(signal);
    await running.ended;
    clearTimeout(timer);
    expect(performance.now() - sent).toBeLessThan(30_000);
  },
  90_000,
);
