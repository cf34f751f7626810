import { describe, expect, it } from 'vitest';
import { type TriageInput, triage } from '../../../src/data/judge/triage.js';
import type { TableProfile } from '../../../src/domain/data/profile.js';
import { draw } from './categories.js';
import { column, normals, roundTo, table, times, uniforms, type Value } from './profiles.js';

const N = 1000;
const x = normals(1, N, (z) => 50 + 10 * z);
const y = normals(2, N, (z) => 200 + 5 * z);
const broken: Value[] = normals(3, N).map(() => -999);

const ask = (more: Partial<TriageInput>): string => {
  const found = triage({ reference: table({ x, y }), current: table({ x, y }), history: [], ignore: [], ...more });
  const named = (list: typeof found.bugs): string =>
    list.map((one) => `${one.code} ${one.column ?? ''}`.trim()).join(', ');
  return `bugs: ${named(found.bugs)}; unclear: ${named(found.unclear)}; warnings: ${named(found.warnings)}`;
};

const nothing = 'bugs: ; unclear: ; warnings: ';

describe('a table', () => {
  it('without changes has no findings', () => {
    expect(ask({})).toBe(nothing);
  });

  it('names the column, and skips ignored columns and the time column', () => {
    const current = table({ x: broken, y });
    expect(ask({ current })).toContain('bugs: constant x');
    expect(ask({ current, ignore: ['x'] })).toBe(nothing);
    const time = { ...times('2026-01-01', '2026-01-02'), column: 'x' };
    expect(ask({ current, reference: { ...table({ x, y }), time } as TableProfile })).toBe(nothing);
  });

  it('reports only the most certain finding of a column', () => {
    const half = x.map((value, i) => (i % 2 === 0 ? null : 1000 * value));
    expect(ask({ current: table({ x: half, y }) })).toBe('bugs: scaled x; unclear: ; warnings: ');
  });

  it('reports the same fault of two columns for both, each naming the other', () => {
    const { bugs } = triage({
      reference: table({ x, y }),
      current: table({ x: broken, y: broken }),
      history: [],
      ignore: [],
      dataset: 'd',
    });
    expect(bugs.map((one) => [one.column, one.dataset, one.evidence.also])).toEqual([
      ['x', 'd', ['y']],
      ['y', 'd', ['x']],
    ]);
    expect(bugs[0]?.id).not.toBe(bugs[1]?.id);
  });

  it('names no other column whose fault or repair is another', () => {
    const also = (other: readonly Value[]) =>
      triage({ reference: table({ x, y }), current: table({ x: broken, y: other }), history: [], ignore: [] }).bugs.map(
        (one) => one.evidence.also,
      );
    expect(also(y.map(() => null))).toEqual([undefined, undefined]);
    const codes = (value: number) =>
      triage({
        reference: table({ x, y }),
        current: table({ x: x.map((one, i) => (i < 300 ? -999 : one)), y: y.map((one, i) => (i < 300 ? value : one)) }),
        history: [],
        ignore: [],
      }).bugs.map((one) => [one.code, one.evidence.also]);
    expect(codes(-999)).toEqual([
      ['sentinel', ['y']],
      ['sentinel', ['x']],
    ]);
    expect(codes(-99)).toEqual([
      ['sentinel', undefined],
      ['sentinel', undefined],
    ]);
  });

  it('repairs only columns that drift', () => {
    const current = table({ x: x.map(Math.log), y });
    expect(ask({ current, isDrifting: (name) => name === 'x' })).toContain('unclear: transformed x');
    expect(ask({ current, isDrifting: () => false })).toBe(nothing);
  });

  it('takes missing labels for labels that have not come', () => {
    const current = table({ x, y: y.map((value, i) => (i % 3 === 0 ? null : value)) });
    expect(ask({ current })).toBe('bugs: ; unclear: missing-rose y; warnings: ');
    expect(ask({ current, label: 'y' })).toBe('bugs: ; unclear: ; warnings: missing-rose y');
    const none = table({ x, y: y.map(() => null) });
    expect(ask({ current: none })).toBe('bugs: all-missing y; unclear: ; warnings: ');
    expect(ask({ current: none, label: 'y' })).toBe('bugs: ; unclear: ; warnings: all-missing y');
    expect(ask({ current: table({ x: broken, y }), label: 'x' })).toContain('bugs: constant x');
    const { warnings } = triage({ reference: table({ x, y }), current, history: [], ignore: [], label: 'y' });
    // nothing to answer: there is one reading only
    expect([warnings[0]?.detail, warnings[0]?.readings]).toEqual([
      expect.stringMatching(/^33\.4 % of the values are missing.*: labels that have not come yet$/),
      undefined,
    ]);
  });

  it('counts repeated rows only where no column explains them', () => {
    const twice = { duplicateRows: 400 };
    const reference = table({ x, y }, { duplicateRows: 0 });
    expect(ask({ reference, current: table({ x, y }, twice) })).toContain('bugs: duplicates');
    expect(ask({ reference, current: table({ x: broken, y }, twice) })).toBe('bugs: constant x; unclear: ; warnings: ');
    // a column that is gone leaves equal rows; one that only may be broken does not
    expect(ask({ reference, current: table({ y }, twice) })).toBe('bugs: missing-column x; unclear: ; warnings: ');
    const some = x.map((value, i) => (i % 3 === 0 ? null : value));
    expect(ask({ reference, current: table({ x: some, y }, twice) })).toBe(
      'bugs: duplicates; unclear: missing-rose x; warnings: ',
    );
  });

  it('uses earlier windows to find missing rows', () => {
    const history = [1, 2, 3].map(() => table({ x, y }));
    const current = table({ x: x.slice(0, 300), y: y.slice(0, 300) });
    expect(ask({ current, history })).toContain('bugs: rows-missing');
    const parts = { usual: [500, 500], now: [150, 150] };
    expect(ask({ current, history, parts })).toBe('bugs: ; unclear: ; warnings: fewer-rows');
  });

  it('says nothing more of a column whose type has changed', () => {
    const words = x.map((value, i) => (i % 2 === 0 ? null : `v${value}`));
    expect(ask({ current: table({ x: words, y }) })).toBe('bugs: type-changed x; unclear: ; warnings: ');
  });

  it('compares a column with its own earlier windows', () => {
    const none = y.map(() => null);
    const current = table({ x, y: none });
    const past = (columns: Readonly<Record<string, readonly Value[]>>) => [table({ x, y }), table(columns)];
    expect(ask({ current, history: past({ x, y: none }) })).toBe(nothing);
    expect(ask({ current, history: past({ x: none, y }) })).toBe('bugs: all-missing y; unclear: ; warnings: ');
  });

  it('names its dataset in every finding', () => {
    const history = [1, 2, 3].map(() => table({ x, y, z: x }));
    const few = (values: readonly Value[]) => values.slice(0, 300);
    const { bugs, warnings } = triage({
      reference: table({ x, y, z: x }),
      current: table({ x: few(broken), y: few(y), w: few(x) }),
      history,
      ignore: [],
      dataset: 'd',
    });
    expect([...bugs, ...warnings].map((one) => [one.code, one.dataset])).toEqual([
      ['missing-column', 'd'],
      ['rows-missing', 'd'],
      ['constant', 'd'],
      ['new-column', 'd'],
    ]);
  });

  it('reports nothing about columns if there are no rows', () => {
    expect(ask({ current: table({ x: [], y: [] }) })).toBe('bugs: empty; unclear: ; warnings: ');
  });

  it('finds exchanged columns, and reports nothing else about them', () => {
    expect(ask({ current: table({ x: y, y: x }) })).toBe('bugs: ; unclear: exchanged x, exchanged y; warnings: ');
    // each has one partner at most
    const z = normals(4, N, (value) => 50 + 10 * value);
    expect(ask({ reference: table({ x, y, z }), current: table({ x: y, y: x, z: y }) })).toContain(
      'exchanged x, exchanged y, copied z;',
    );
    expect(ask({ current: table({ x: y, y: x }), isDrifting: (name) => name === 'x' })).not.toContain('exchanged');
  });

  it('does not explain one fault by another', () => {
    const kind = x.map((_, i) => (i % 10 === 0 ? 'a' : 'b'));
    const lost = (kinds: readonly Value[]): Value[] => kinds.map((one, i) => (one === 'a' ? null : (x[i] ?? 0)));
    const now = kind.map((_, i) => (i % 2 === 0 ? 'a' : 'b'));
    const rows = (current: readonly Value[]) => ({
      reference: new Map<string, readonly Value[]>([
        ['kind', kind],
        ['x', lost(kind)],
      ]),
      current: new Map<string, readonly Value[]>([
        ['kind', current],
        ['x', lost(now)],
      ]),
    });
    const reference = table({ kind, x: lost(kind) });
    expect(ask({ reference, current: table({ kind: now, x: lost(now) }), rows: rows(now) })).toBe(nothing);
    const upper = now.map((one) => (one === 'a' ? 'a' : 'NULL'));
    expect(ask({ reference, current: table({ kind: upper, x: lost(now) }), rows: rows(upper) })).toContain(
      'unclear: missing-rose x',
    );
  });

  it('reports a moved clock instead of other findings of its column', () => {
    const hours = Array.from({ length: 1440 }, (_, i) => i % 24);
    const load = hours.map((hour) => 100 + 30 * Math.cos((hour / 24) * 2 * Math.PI));
    const late = hours.map((hour) => (hour + 5) % 24);
    const rows = {
      reference: new Map([['load', load]]),
      current: new Map([['load', load]]),
      clocks: [{ column: 'hour', reference: hours, current: late }],
    };
    const input = { reference: table({ hour: hours, load }), current: table({ hour: late, load }), rows };
    expect(ask(input)).toBe('bugs: shifted hour; unclear: ; warnings: ');
    expect(ask({ ...input, ignore: ['hour'] })).toBe(nothing);
    // the time column is ignored as a feature; its clock is not
    const time = { ...times('2026-01-01', '2026-03-01'), column: 'hour' };
    const timed = { ...input, reference: { ...input.reference, time } as TableProfile };
    expect(ask({ ...timed, ignore: ['hour'] })).toBe('bugs: shifted hour; unclear: ; warnings: ');
    const still = { ...rows, clocks: [{ column: 'hour', reference: hours, current: hours }] };
    expect(ask({ ...input, current: input.reference, rows: still })).toBe(nothing);
  });

  it('reports a moved clock also where its hours are missing', () => {
    const hours = Array.from({ length: 1440 }, (_, i) => i % 24);
    const load = hours.map((hour) => 100 + 30 * Math.cos((hour / 24) * 2 * Math.PI));
    const late = hours.map((hour, i) => (i % 7 === 0 ? null : (hour + 5) % 24));
    const samples = { reference: new Map([['load', load]]), current: new Map([['load', load]]) };
    const input = { reference: table({ hour: hours, load }), current: table({ hour: late, load }) };
    expect(ask(input)).toBe('bugs: ; unclear: missing-rose hour; warnings: ');
    const clocks = [{ column: 'hour', reference: hours, current: late }];
    expect(ask({ ...input, rows: { ...samples, clocks } })).toBe('bugs: shifted hour; unclear: ; warnings: ');
  });

  it('exchanges no columns of two values', () => {
    const flag = (ones: number) => x.map((_, i) => Number((i * 619) % N < ones));
    const found = ask({
      reference: table({ a: flag(100), b: flag(800) }),
      current: table({ a: flag(800), b: flag(100) }),
    });
    expect(found).not.toContain('exchanged');
  });
});

describe('the finding of a column', () => {
  const fresh = normals(9, N, (z) => 50 + 10 * z);
  const wide = (seed: number) => normals(seed, N, (z) => 50 * Math.exp(1.2 * z));
  const loads = (seed: number) => normals(seed, N, (z) => Number((120 * Math.exp(0.8 * z)).toFixed(1)));
  const first = (values: readonly number[], count: number, by: (value: number) => Value): Value[] =>
    values.map((value, i) => (i < count ? by(value) : value));
  const judge = (was: readonly Value[], is: readonly Value[], more: Partial<TriageInput> = {}) => {
    const input = { reference: table({ x: was }), current: table({ x: is }), history: [], ignore: [] };
    const { bugs, unclear } = triage({ ...input, ...more });
    return [...bugs, ...unclear];
  };
  const says = (...given: Parameters<typeof judge>): string =>
    judge(...given)
      .map((one) => `${one.severity} ${one.code}`)
      .join(', ');

  it.each([
    // too few for a repair
    ['40 of 1,000 in thousands', x, fresh, 40, 'error far-outside', undefined],
    ['200', x, fresh, 200, 'error scaled', 'divide by 1000'],
    // of a wide column the repair alone would be unclear
    ['40 of a wide column', wide(1), wide(9), 40, 'error far-outside', undefined],
    ['200 of it', wide(1), wide(9), 200, 'error scaled', 'divide by 1000'],
  ])('is absurd, with the repair that explains it: %s', (_, was, of, count, verdict, repair) => {
    const is = first(of, count, (value) => 1000 * value);
    const [found, ...others] = judge(was, is);
    expect([`${found?.severity} ${found?.code}`, found?.repair, others]).toEqual([verdict, repair, []]);
    expect([found?.readings, found?.detail.includes('a fault or a changed world')]).toEqual([undefined, false]);
  });

  it('is absurd, if no repair explains it', () => {
    expect(
      says(
        x,
        first(fresh, 100, (value) => 1e6 + value * value),
      ),
    ).toBe('error far-outside');
  });

  it('is a repair that is certain rather than values that may be of another kind', () => {
    expect(
      says(
        x,
        first(fresh, 40, (value) => 60 * value),
      ),
    ).toBe('unclear far-outside');
    expect(
      says(
        x,
        first(fresh, 100, (value) => 60 * value),
      ),
    ).toBe('error scaled');
  });

  it('is a code that stands apart before a repair of the others', () => {
    const is = fresh.map((value, i) => (i < 300 ? -999 : 1000 * value));
    expect(says(x, is)).toBe('error sentinel');
    expect(
      says(
        x,
        fresh.map((value) => 1000 * value),
      ),
    ).toBe('error scaled');
  });

  it('may be explained by windows that have not been read yet', () => {
    // the other rows are closer to their mean than before
    const is = fresh.map((value, i) => (i < 100 ? 60 * value : 25 + value / 2));
    expect(says(x, is)).toBe('unclear far-outside');
    expect(says(x, is, { isFirstLook: true })).toBe('error scaled');
  });

  it.each([
    ['a coarser unit', loads(1), loads(2).map((value) => Math.floor(value / 100)), 'scaled'],
    ['another spelling', draw({ Oslo: 2, Rome: 1 }), draw({ OSLO: 2, ROME: 1 }), 'respelled'],
    ['cut texts', draw({ London: 2, Paris: 1 }), draw({ Lon: 2, Par: 1 }), 'truncated'],
    ['other codes', draw({ open: 5, paid: 3, sent: 2 }), draw({ '1': 5, '2': 3, '3': 2 }), 'recoded'],
    ['a word for nothing', draw({ Oslo: 2, Rome: 1 }), draw({ Oslo: 2, 'n/a': 1 }), 'sentinel'],
  ])('is %s', (_, was, is, code) => {
    expect(judge(was, is).map((one) => one.code)).toEqual([code]);
  });
});

it('reports new columns separately', () => {
  expect(ask({ current: table({ x, y, z: x }) })).toBe('bugs: ; unclear: ; warnings: new-column z');
  expect(ask({ current: { ...table({ x, y }), columns: [column('x', x), column('y', y)] } })).toBe(nothing);
});

describe('negative values', () => {
  const rand = uniforms(31, N);
  const amounts = (seed: number) => normals(seed, N, (z) => roundTo(2)(24 * Math.exp(0.7 * z)));
  const [was, is] = [amounts(32), amounts(33)];
  const judge = (isBelow: (i: number) => boolean, kind: (i: number) => Value): string => {
    const now = is.map((value, i) => (isBelow(i) ? -value : value));
    const [kindWas, kindIs] = [was.map(() => 'sale'), is.map((_, i) => kind(i))];
    kindWas[0] = 'advance';
    const reference = table({ amount: was, kind: kindWas });
    const current = table({ amount: now, kind: kindIs });
    const rows = {
      reference: new Map<string, readonly Value[]>([
        ['amount', was],
        ['kind', kindWas],
      ]),
      current: new Map<string, readonly Value[]>([
        ['amount', now],
        ['kind', kindIs],
      ]),
    };
    const { bugs, unclear } = triage({ reference, current, history: [], ignore: [], rows });
    const of = (list: typeof bugs): boolean => list.some((one) => one.column === 'amount');
    return of(bugs) ? 'bug' : of(unclear) ? 'unclear' : 'nothing';
  };
  const below = (share: number) => (i: number) => (rand[i] ?? 1) < share;

  it.each([0.1, 0.2, 0.35])('are unclear where they are those of one kind (%f of the rows)', (share) => {
    expect(judge(below(share), (i) => (below(share)(i) ? 'refund' : 'sale'))).toBe('unclear');
    // not all rows of that kind are below zero
    expect(judge(below(0.8 * share), (i) => (below(share)(i) ? 'panels' : 'sale'))).toBe('unclear');
  });

  it('are a fault where no kind has them, or some are elsewhere, or they come at one time', () => {
    const half = (i: number): string => (i % 2 === 0 ? 'sale' : 'advance');
    expect(judge(below(0.2), half)).toBe('bug');
    const most = (i: number): string => (below(0.18)(i) ? 'refund' : 'sale');
    expect(judge(below(0.2), most)).toBe('bug');
    expect(
      judge(
        (i) => i < 200,
        (i) => (i < 200 ? 'refund' : 'sale'),
      ),
    ).toBe('bug');
  });
});
