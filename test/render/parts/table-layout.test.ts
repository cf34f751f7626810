import { expect, it } from 'vitest';
import { tableLayout } from '../../../src/render/parts/table-layout.js';

const cell = (text: string) => ({ text, paint: (shown: string) => shown });
const layout = (columns: number, head: readonly string[], ...rows: readonly (readonly string[])[]) =>
  tableLayout(
    head.map(cell),
    rows.map((row) => row.map(cell)),
    columns,
  );

it('puts a cell without a title behind the one before it where a row is a block', () => {
  const head = ['version', '', 'registered', 'scores', ''];
  const row = ['flights-delay@6', 'champion', '2026-11-30', 'auc_over_route_average 0.0602', 'better'];
  expect(layout(60, head, row, ['flights-delay@5', '', '2026-11-29', 'auc 0.6', ''])).toEqual([
    '  flights-delay@6  champion',
    '    registered  2026-11-30',
    '    scores      auc_over_route_average 0.0602  better',
    '  flights-delay@5',
    '    registered  2026-11-29',
    '    scores      auc 0.6',
  ]);
  // and below it where both do not fit
  expect(layout(24, head, row)).toEqual([
    '  flights-delay@6',
    '    champion',
    '    registered  2026-11-30',
    '    scores      auc_over_route_average',
    '                0.0602',
    '    better',
  ]);
});
