import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';

const rows = (end: string): string => Array.from({ length: 120 }, (_, i) => `${i % 17},${i % 13}${end}`).join('');

it('reads every row under a header with a line break in a name, however lines end', async () => {
  for (const end of ['\n', '\r\n', '\r'])
    for (const inside of ['\n', '\r\n', '\r'])
      for (const header of [`"a${inside}b",c`, `a,"${inside}b"`, `"1${inside}2",3`]) {
        using rig = createRig({ 'r.csv': `${header}${end}${rows(end)}`, 'c.csv': `${header}${end}${rows(end)}` });
        const { reference, current } = await rig.json(0, 'check-drift', '--reference', 'r.csv', '--current', 'c.csv');
        const counted = { end, header, rows: [reference.rows, current.rows].map((count) => count >= 120) };
        expect(counted).toEqual({ end, header, rows: [true, true] });
      }
}, 300_000);
