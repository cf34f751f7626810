import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

it('fails a step whose metric or output is not as expected, with the key, the value and the limits', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  high: { run: "echo '{\\"loss\\": 3}' > high.json", inputs: [], metrics: high.json, expect: { metrics: { loss: { min: 0, max: 2 } } } }
  absent: { run: "echo '{\\"auc\\": 3}' > absent.json", inputs: [], metrics: absent.json, expect: { metrics: { loss: { max: 2 } } } }
  inf: { run: "echo '{\\"loss\\": -Infinity}' > inf.json", inputs: [], metrics: inf.json, expect: { metrics: { loss: { max: 2 } } } }
  empty: { run: "true > empty.txt", inputs: [], outputs: { data: empty.txt }, expect: { outputs: { data: { not_empty: true } } } }
  folder: { run: "mkdir -p out/deep; true > out/deep/a", inputs: [], outputs: [out], expect: { outputs: { out: { not_empty: true } } } }
  other: { run: "echo other > other.txt", inputs: [], outputs: [other.txt], expect: { outputs: { other.txt: { sha256: ${sha256('one\n')} } } } }
  good:
    run: "echo one > good.txt; printf 'step,loss\\n1,9\\n2,1\\n' > good.csv"
    inputs: []
    outputs: [good.txt]
    metrics: good.csv
    expect: { metrics: { loss: { max: 2 } }, outputs: { good.txt: { not_empty: true, sha256: ${sha256('one\n').toUpperCase()} } } }
`,
  });
  const ended = await rig.refit('run', 'p', '--keep-going', '--json');
  expect(ended.exit).toBe(1);
  const steps: readonly { readonly name: string; readonly status: string }[] = JSON.parse(ended.stdout).run.steps;
  expect(steps.filter((step) => step.status === 'succeeded').map((step) => step.name)).toEqual(['good']);
  for (const text of [
    'step "high": loss is 3, expected at least 0 and at most 2',
    'step "absent": loss is missing, expected at most 2',
    '"loss": it is -Infinity',
    'step "empty": output "data" is empty',
    'step "folder": output "out" is empty',
    `output "other.txt" has sha256 ${sha256('other\n')}, expected ${sha256('one\n')}`,
  ])
    expect(ended.stderr).toContain(text);
  expect(rig.has('other.txt')).toBe(false);
});

it('refuses expectations that no value can meet', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: x, inputs: [], outputs: { model: m.pkl }, expect: { outputs: { modle: { not_empty: true } } } }
  b: { run: x, inputs: [], expect: { metrics: { loss: { min: 2, max: 1 } }, output: {} } }
  c: { run: x, inputs: [], outputs: [c], expect: { outputs: { c: { sha256: abc } } } }
`,
  });
  const refused = await rig.refit('validate', 'p');
  expect(refused.exit).toBe(2);
  for (const text of [
    ':3:',
    'did you mean "model"?',
    ':4:',
    'at least 2 and at most 1',
    'did you mean "outputs"?',
    ':5:',
  ])
    expect(refused.stderr).toContain(text);
});
