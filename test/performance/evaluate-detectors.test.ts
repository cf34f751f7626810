import { describe, expect, it } from 'vitest';
import { createRig } from '../support/rig.js';
import { errorBits, hasStream, streamFile } from '../support/streams.js';

const csv = (values: readonly (number | string)[]): string => `i,x\n${values.map((x, i) => `${i},${x}`).join('\n')}\n`;
const bits = errorBits(6000, 3, (i) => (i < 3000 ? 0.1 : 0.5));

describe('evaluate-detectors', () => {
  it('compares alarms with known changes, and makes no workspace', async () => {
    using rig = createRig({ 'e.csv': csv(bits) });
    const document = await rig.json(0, 'evaluate-detectors', 'e.csv', '--column', 'x', '--changes', '3000');
    expect(document).toMatchObject({ command: 'evaluate-detectors', items: 6000, changes: [3000], window: 1000 });
    expect(document.detectors[0]).toMatchObject({
      name: 'ensemble',
      false_alarms: 0,
      detected: 1,
      missed: 0,
      missed_rate: 0,
      mean_time_between_false_alarms: null,
      mtr_is_lower_bound: true,
    });
    const [first] = document.detectors[0].alarms;
    expect(document.detectors[0].delay_mean).toBe(first.index - 3000);
    expect(document.detectors[0].mtr).toBeCloseTo(5000 / (first.index - 3000), 6);
    const ddm = document.detectors.find((one: { name: string }) => one.name === 'ddm');
    expect(ddm.alarms[0].warning).toBeLessThan(ddm.alarms[0].index);
    const early = await rig.json(0, 'evaluate-detectors', 'e.csv', '--column', 'x', '--changes', '1000');
    expect(early.detectors[0]).toMatchObject({ false_alarms: 1, detected: 0, delay_mean: null, mtr: 0 });
    expect(early.detectors[0].mean_time_between_false_alarms).toBe(5000);
    expect(rig.has('.refit')).toBe(false);
  });

  it('accepts names in the usual spellings, and shows a table', async () => {
    using rig = createRig({ 'e.csv': csv(bits) });
    const { exit, stdout } = await rig.refit(
      ...['evaluate-detectors', 'e.csv', '--column', 'x', '--detector', 'ADWIN', 'HDDM_A', '--changes', '3000'],
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/adwin +1\/1 +0 /);
    expect(stdout).toMatch(/hddm-a +1\/1 /);
    expect(stdout).not.toContain('ensemble');
    const unknown = await rig.refit('evaluate-detectors', 'e.csv', '--column', 'x', '--detector', 'adwim');
    expect(unknown.exit).toBe(2);
    expect(unknown.stderr).toContain('page-hinkley');
  });

  it('skips detectors of bits for other numbers, reports that, and counts missing values in the index', async () => {
    const values = bits.map((x, i) => (i % 10 === 5 ? '' : 100 + 5 * x + (i % 3)));
    using rig = createRig({ 'e.csv': csv(values) });
    const { detectors, missing } = await rig.json(0, 'evaluate-detectors', 'e.csv', '--column', 'x');
    expect(missing).toBe(600);
    expect(detectors.find((one: { name: string }) => one.name === 'ddm')).toMatchObject({
      alarms: [],
      skipped: 'needs values of 0 and 1',
      false_alarms: null,
    });
    expect(detectors[0].alarms[0].index).toBeGreaterThan(2999);
    expect(detectors[0].alarms[0].index).toBeLessThan(3200);
  });

  it('names what is wrong with file, column, values and changes', async () => {
    using rig = createRig({ 'e.csv': csv(bits), 'text.csv': csv(['a', 'b']), 'none.csv': 'i,x\n' });
    const tried = async (...args: readonly string[]) => {
      const { exit, stderr } = await rig.refit('evaluate-detectors', ...args);
      return [exit, stderr] as const;
    };
    expect(await tried('no.csv', '--column', 'x')).toEqual([4, expect.stringContaining('no.csv')]);
    expect(await tried('e.csv', '--column', 'y')).toEqual([2, expect.stringContaining('i, x')]);
    expect(await tried('e.csv')).toEqual([2, expect.stringContaining('--column')]);
    expect(await tried('text.csv', '--column', 'x')).toEqual([4, expect.stringContaining('row 0 is "a"')]);
    expect(await tried('none.csv', '--column', 'x')).toEqual([4, expect.stringContaining('no rows')]);
    expect(await tried('e.csv', '--column', 'x', '--changes', '6000')).toEqual([2, expect.stringContaining('5999')]);
    expect(await tried('e.csv', '--column', 'x', '--changes', 'soon')).toEqual([2, expect.stringContaining('soon')]);
  });

  it.skipIf(!hasStream('s2_bernoulli.csv'))('gives the expected alarms of a recorded stream', async () => {
    using rig = createRig();
    const { detectors } = await rig.json(
      ...([0, 'evaluate-detectors', streamFile('s2_bernoulli.csv'), '--column', 'x', '--changes', '1000'] as const),
    );
    const found = Object.fromEntries(
      detectors.map((one: { name: string; alarms: { index: number }[] }) => [one.name, one.alarms[0]?.index]),
    );
    expect(found).toMatchObject({ ddm: 1334, 'hddm-a': 1206, 'hddm-w': 1077, eddm: 1278, adwin: 1279 });
  });
});
