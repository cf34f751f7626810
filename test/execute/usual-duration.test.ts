import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';
import { openTerminal } from '../support/terminal.js';

const WAIT = 'until [ -e go ]; do sleep 0.05; done';
const PIPELINE = {
  'pipelines/p.yaml': `pipeline: p\nsteps:\n  train: { run: "${WAIT}; echo 1 > model.txt", inputs: [], outputs: [model.txt] }\n`,
};

/** Runs the step so often, then lets the attempts in the registry have taken so many seconds. */
async function withHistory(rig: Rig, seconds: readonly number[]): Promise<void> {
  rig.write({ go: '' });
  for (const [i, took] of seconds.entries()) {
    await rig.json(0, 'run', 'p', '--force');
    rig.update(
      `UPDATE attempt SET started_at = '2026-01-01T00:00:00.000Z',
         finished_at = strftime('%Y-%m-%dT%H:%M:%f', '2026-01-01', '+${took} seconds') || 'Z' WHERE id = ${i + 1}`,
    );
  }
  rig.remove('go');
}

describe('a step that runs for some seconds', () => {
  it('shows how long it usually takes: the median of its last attempts', async () => {
    using rig = createRig(PIPELINE);
    await withHistory(rig, [3600, 200, 240, 300]);
    using terminal = openTerminal(rig, 'run p --force', { columns: 80, rows: 24 });
    const drawn = await terminal.shows('usually');
    expect(drawn).toContainEqual(expect.stringMatching(/^▸ train {2}\ds, usually about 4m 30s$/));
    rig.write({ go: '' });
    await terminal.shows('EXIT 0');
  });

  it('says by how much it takes longer than usual', async () => {
    using rig = createRig(PIPELINE);
    await withHistory(rig, [1]);
    using terminal = openTerminal(rig, 'run p --force', { columns: 80, rows: 24 });
    const drawn = await terminal.shows('longer than usual');
    expect(drawn).toContainEqual(expect.stringMatching(/^▸ train {2}\ds, \ds longer than usual$/));
    rig.write({ go: '' });
    await terminal.shows('EXIT 0');
  });

  it('says it once in plain output, and the overrun at the end', async () => {
    using rig = createRig(PIPELINE);
    await withHistory(rig, [240]);
    const running = rig.start('run', 'p', '--force');
    await running.said('train: usually about 4m\n');
    rig.write({ go: '' });
    const { stderr } = await running.ended;
    expect(stderr.match(/usual/g)).toHaveLength(1);
    rig.update("UPDATE attempt SET finished_at = '2026-01-01T00:00:00.500Z' WHERE id = 1");
    rig.update('DELETE FROM attempt WHERE id = 2');
    rig.remove('go');
    const late = rig.start('run', 'p', '--force');
    await rig.refit('runs');
    await new Promise((done) => setTimeout(done, 4000));
    rig.write({ go: '' });
    expect((await late.ended).stderr).toMatch(/succeeded train \d(\.\d)?s, \ds longer than usual/);
  });

  it('says nothing without history, and does not count results that were restored or failed', async () => {
    using rig = createRig(PIPELINE);
    await withHistory(rig, [240]);
    rig.update("UPDATE step_execution SET status = 'restored' WHERE id = 1");
    const running = rig.start('run', 'p', '--force');
    await new Promise((done) => setTimeout(done, 4000));
    rig.write({ go: '' });
    expect((await running.ended).stderr).not.toContain('usual');
  });
});
