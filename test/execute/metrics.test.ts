import { expect, it } from 'vitest';
import { readEvaluation } from '../../src/execute/metrics/evaluation-file.js';
import { parseMetrics } from '../../src/execute/metrics/metrics.js';

it('reads objects, JSON lines with steps, and CSV', () => {
  expect(parseMetrics('m.json', '{"auc": 0.7, "of": {"val": 1}, "name": "x", "good": true}')).toEqual({
    ok: true,
    value: [
      { key: 'auc', value: 0.7 },
      { key: 'of.val', value: 1 },
      { key: 'good', value: 1 },
    ],
  });
  expect(parseMetrics('m.jsonl', '{"step": 1, "loss": 2}\n{"step": 2, "loss": 1}\n')).toEqual({
    ok: true,
    value: [
      { key: 'loss', step: 1, value: 2 },
      { key: 'loss', step: 2, value: 1 },
    ],
  });
  expect(parseMetrics('m.csv', 'step,loss\n1,2\n')).toEqual({ ok: true, value: [{ key: 'loss', step: 1, value: 2 }] });
});

it('names what is not finite, also as the bare tokens that Python writes', () => {
  for (const token of ['NaN', 'Infinity', '-Infinity'])
    expect(parseMetrics('m.json', `{"note": "NaN is text here", "loss": ${token}}`)).toMatchObject({
      ok: false,
      error: { key: 'loss' },
    });
  expect(parseMetrics('m.csv', 'loss\nnan\n')).toMatchObject({ ok: false, error: { key: 'loss' } });
  expect(parseMetrics('m.json', '{"loss": ')).toMatchObject({ ok: false });
});

it('names the value that is not finite, in lines and cells too', () => {
  expect(parseMetrics('m.jsonl', '{"step": 1, "loss": 2}\r\n{"step": 2, "loss": -Infinity}\r\n')).toEqual({
    ok: false,
    error: { key: 'loss', problem: 'it is -Infinity' },
  });
  expect(parseMetrics('m.csv', 'step,loss\n1,-inf\n')).toEqual({
    ok: false,
    error: { key: 'loss', problem: 'it is -Infinity' },
  });
  expect(parseMetrics('m.json', '{"deep": {"loss": 1e999}}')).toEqual({
    ok: false,
    error: { key: 'deep.loss', problem: 'it is Infinity' },
  });
});

it('reads quoted cells, CRLF and empty cells of a CSV', () => {
  expect(parseMetrics('m.csv', '"step","val, loss",note\r\n1,"0.5",a\r\n2,,b\r\n\r\n')).toEqual({
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
