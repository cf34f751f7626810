import { expect, it } from 'vitest';
import { readEvaluation } from '../../src/execute/metrics/evaluation-file.js';
import { parseMetrics } from '../../src/execute/metrics/metrics.js';

const points = (path: string, text: string) => {
  const parsed = parseMetrics(path, text);
  return parsed.ok ? { ok: true, value: parsed.value.points } : parsed;
};

it('reads objects, JSON lines with steps, and CSV', () => {
  expect(points('m.json', '{"auc": 0.7, "of": {"val": 1}, "name": "x", "good": true}')).toEqual({
    ok: true,
    value: [
      { key: 'auc', value: 0.7 },
      { key: 'of.val', value: 1 },
      { key: 'good', value: 1 },
    ],
  });
  expect(points('m.jsonl', '{"step": 1, "loss": 2}\n{"step": 2, "loss": 1}\n')).toEqual({
    ok: true,
    value: [
      { key: 'loss', step: 1, value: 2 },
      { key: 'loss', step: 2, value: 1 },
    ],
  });
  expect(points('m.csv', 'step,loss\n1,2\n')).toEqual({ ok: true, value: [{ key: 'loss', step: 1, value: 2 }] });
});

it('names what is not finite, also as the bare tokens that Python writes', () => {
  for (const token of ['NaN', 'Infinity', '-Infinity'])
    expect(points('m.json', `{"note": "NaN is text here", "loss": ${token}}`)).toMatchObject({
      ok: false,
      error: { key: 'loss' },
    });
  expect(points('m.csv', 'loss\nnan\n')).toMatchObject({ ok: false, error: { key: 'loss' } });
  expect(points('m.json', '{"loss": ')).toMatchObject({ ok: false });
});

it('names the value that is not finite, in lines and cells too', () => {
  expect(points('m.jsonl', '{"step": 1, "loss": 2}\r\n{"step": 2, "loss": -Infinity}\r\n')).toEqual({
    ok: false,
    error: { key: 'loss', problem: 'it is -Infinity' },
  });
  expect(points('m.csv', 'step,loss\n1,-inf\n')).toEqual({
    ok: false,
    error: { key: 'loss', problem: 'it is -Infinity' },
  });
  expect(points('m.json', '{"deep": {"loss": 1e999}}')).toEqual({
    ok: false,
    error: { key: 'deep.loss', problem: 'it is Infinity' },
  });
});

it('reads quoted cells, CRLF and empty cells of a CSV', () => {
  expect(points('m.csv', '"step","val, loss",note\r\n1,"0.5",a\r\n2,,b\r\n\r\n')).toEqual({
    ok: true,
    value: [{ key: 'val, loss', step: 1, value: 0.5 }],
  });
});

it('keeps unusable metrics of an evaluation by name, and its slices', () => {
  const read = readEvaluation(
    '{"auc": 0.6, "log_loss": NaN, "slices": {"origin": {"ATL": {"auc": 0.5, "n": 10}}}, "predictions": "p.csv"}',
  );
  expect(read).toEqual({
    ok: true,
    value: {
      metrics: { auc: 0.6 },
      unusable: { log_loss: 'NaN' },
      slices: { origin: { ATL: { auc: 0.5, n: 10 } } },
      predictions: 'p.csv',
    },
  });
});

it.each([
  ['m.json', '{"auc": "0.61"}', 'auc'],
  ['m.json', '{"of": {"val": " 1e-3 "}}', 'of.val'],
  ['m.jsonl', '{"step": 1, "loss": 2}\n{"step": 2, "loss": "1"}\n', 'loss'],
])('refuses a number in quotes in %s %s, with the mend', (path, text, key) => {
  expect(parseMetrics(path, text)).toMatchObject({
    ok: false,
    error: { key, problem: expect.stringContaining('write the number without quotes: ') },
  });
});

it('names values that are null or lists, once', () => {
  const text = '{"a": null, "of": {"curve": [1, 2]}, "loss": 1}\n{"a": null, "loss": 2, "name": "x"}\n';
  const skipped = [
    { key: 'a', is: 'null' },
    { key: 'of.curve', is: 'a list' },
  ];
  expect(parseMetrics('m.jsonl', text)).toMatchObject({ ok: true, value: { skipped } });
});

it('reads nested and boolean values of an evaluation like those of a metrics file, and names the rest', () => {
  expect(readEvaluation('{"val": {"auc": 0.6}, "isCalibrated": true, "matrix": [[1]], "b": null, "by": "x"}')).toEqual({
    ok: true,
    value: {
      metrics: { 'val.auc': 0.6, isCalibrated: 1 },
      unusable: { matrix: 'a list', b: 'null', by: 'the text "x"' },
      slices: {},
      predictions: undefined,
    },
  });
});

it.each([
  ['{"auc": "0.6"}', '"auc": it is the text "0.6"; write the number without quotes: 0.6'],
  ['{"slices": {"s": {"g": {"auc": "0.6"}}}}', '"slices.s.g.auc": it is the text "0.6"'],
  ['{"slices": [1]}', '"slices" must be an object'],
  ['{"slices": {"s": 1}}', '"slices.s" must be an object'],
  ['{"slices": {"s": {"g": 1}}}', '"slices.s.g" must be an object of metrics'],
])('refuses the evaluation %s', (text, problem) => {
  expect(readEvaluation(text)).toEqual({ ok: false, error: expect.stringContaining(problem) });
});

it('names a value of a slice that is no number', () => {
  expect(readEvaluation('{"slices": {"s": {"g": {"auc": NaN, "n": 3}}}}')).toMatchObject({
    value: { slices: { s: { g: { n: 3 } } }, unusable: { 'slices.s.g.auc': 'NaN' } },
  });
});
