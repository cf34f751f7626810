import { describe, expect, it } from 'vitest';
import { overlayChecks } from '../../../src/domain/pipeline/checks.js';
import type { DataChecks } from '../../../src/domain/pipeline/data-checks.js';
import { parseSchema, printSchema } from '../../../src/pipeline/parse/sections/schema-file.js';

const CHECKS: DataChecks = {
  rows: { min: 5 },
  columns: {
    'a"\n: {}': { type: 'text', values: ['x', 'true', '1'], required: true },
    [`${'y'.repeat(2000)}`]: { type: 'number', min: -1.5, max: 1e21, maxMissing: 0.25 },
    '1': { unique: true },
  },
  unique: [['a"\n: {}', '1']],
  rules: ["x <> 'y: #'"],
  otherColumns: 'warn',
};

describe('printSchema', () => {
  it('is read back as it was', () => {
    expect(parseSchema('s.yaml', printSchema(CHECKS, 'two\nlines'))).toEqual({
      checks: CHECKS,
      diagnostics: [],
      sql: expect.any(Array),
    });
  });
});

describe('parseSchema', () => {
  it('has no checks for an empty file', () => {
    expect(parseSchema('s.yaml', '').checks).toEqual({ columns: {}, unique: [], rules: [], otherColumns: 'allow' });
    expect(parseSchema('s.yaml', '# only a comment\n').checks?.rules).toEqual([]);
  });

  it('names all faults at once', () => {
    const { checks, diagnostics } = parseSchema(
      's.yaml',
      'rows: { min: 5, max: 2 }\ncolumns: { a: { values: [] } }\nfreshness: soon\n',
    );
    expect(checks).toBeUndefined();
    expect(diagnostics.map(({ at }) => at.line)).toEqual([1, 2, 3]);
  });
});

describe('overlayChecks', () => {
  it('merges key by key and keeps the rules of both', () => {
    const above = { ...CHECKS, columns: { '1': { min: 3 } }, rules: ['b'], otherColumns: 'allow' } as const;
    const both = overlayChecks(CHECKS, above);
    expect(both.columns['1']).toEqual({ unique: true, min: 3 });
    expect(both.rules).toEqual(["x <> 'y: #'", 'b']);
    expect(both.otherColumns).toBe('warn');
  });
});
