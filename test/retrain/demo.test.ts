import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Document } from '../support/rig.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

let printed = '';

const refit = async (...args: readonly string[]): Promise<Document> => {
  const options = { cwd: resolve(PROJECT, 'demo'), maxBuffer: 1 << 26 };
  return JSON.parse(
    (await run(process.execPath, [resolve(PROJECT, 'bin/refit.js'), ...args, '--json'], options)).stdout,
  );
};

/** What the README's first command shows, looked up in the registry that it leaves. */
describe('the demo', () => {
  beforeAll(async () => {
    printed = (await run(process.execPath, ['pipelines/flights/demo.js'], { cwd: PROJECT, maxBuffer: 1 << 26 })).stdout;
  }, 600_000);

  it('retrains with a trigger and its measured value, waits once, and holds on the kilometre file', async () => {
    const ids = [...printed.matchAll(/\bd-\d{8}-\d{6}-[0-9a-f]{6}\b/g)].map((match) => match[0]);
    const decisions = await Promise.all([...new Set(ids)].map((id) => refit('why', id)));
    const kinds = decisions.map((one) => one.decision);
    expect(kinds).toContain('wait');
    const retrained = decisions.filter((one) => one.decision === 'retrain' && one.because.condition === 'any');
    expect(retrained[0].because.of[0]).toMatchObject({ condition: 'new_data', state: 'fired', threshold: 100000 });
    expect(retrained[0].because.of[0].measured).toBeGreaterThan(400_000);
    const held = decisions.find((one) => one.decision === 'hold');
    expect(held.findings).toEqual([
      expect.objectContaining({
        column: 'distance',
        code: 'scaled',
        likely_cause: 'kilometres where miles were expected',
      }),
    ]);
  });

  it('publishes versions beyond the first, and answers for the champion', async () => {
    const models = await refit('models', 'flights-delay');
    expect(models.moves.length).toBeGreaterThan(1);
    const why = await refit('why', 'flights-delay');
    expect(why.version.champion).toBe(true);
    expect(why.version.version).toBeGreaterThan(1);
    expect(why.run).toMatchObject({ pipeline: 'flights', params: { days: 31 }, trigger: { kind: 'new_data' } });
    expect(why.run.code.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(why.run.environment.tools.refit).toBe('0.1.0');
    expect(why.steps.map((step: Document) => step.role).sort()).toEqual(['extract', 'prepare', 'train', 'validate']);
    const rows = why.steps
      .flatMap((step: Document) => step.writes)
      .find((use: Document) => use.path.endsWith('rows.parquet'));
    expect(rows.rows).toBeGreaterThan(400_000);
    expect(why.steps[0].reads.some((use: Document) => use.dataset === 'flights')).toBe(true);
    expect(why.evaluation.metrics.auc).toBeGreaterThan(0.6);
    expect(why.evaluation.metrics.auc_over_route_average).toBeGreaterThan(0);
    expect(why.evaluation.metrics.log_loss_under_constant).toBeGreaterThan(0);
    expect(why.rival.version).toBeLessThan(why.version.version);
    expect(why.gate.verdict).toBe('pass');
    expect(why.served[0]).toMatchObject({ kind: 'promotion' });
    expect(why.commit_to_serving_ms).toBeGreaterThan(0);
    expect((await refit('why', 'serving/flights-delay/current/model.json')).version).toEqual(why.version);
  });

  it('ends with the three models on the same flights, and the why of the champion', () => {
    for (const name of ['champion', 'previous', 'frozen January'])
      expect(printed).toMatch(new RegExp(`${name}\\s+\\d+\\s+0\\.\\d{4}`));
    expect(printed).toContain('why it was made');
    expect(printed).toContain('(injected)');
  });
});
