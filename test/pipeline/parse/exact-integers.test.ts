import { describe, expect, it } from 'vitest';
import type { WorkspacePath } from '../../../src/domain/ids.js';
import { parsePipeline } from '../../../src/pipeline/parse/parse-pipeline.js';
import { parseSchema } from '../../../src/pipeline/parse/sections/schema-file.js';
import { createRig } from '../../support/rig.js';

/** One more than a number of JavaScript can be. */
const BIG = '9007199254740993';

const parse = (text: string, params: Readonly<Record<string, string>> = {}) =>
  parsePipeline('pipelines/p.yaml' as WorkspacePath, `pipeline: p\n${text}`, { params });

describe('whole numbers beyond 2^53 keep their digits', () => {
  const steps = `steps: { a: { run: "echo \${{ params.id }}", inputs: [] } }\n`;

  it.each([
    [BIG, BIG],
    [`-${BIG}`, `-${BIG}`],
    [`"${BIG}"`, BIG],
    ['9007199254740991', 9007199254740991],
    ['1.0e+20', 1e20],
    ['12', 12],
  ])('the param %s is %j', (written, value) => {
    expect(parse(`params: { id: ${written} }\n${steps}`).pipeline?.params.id).toBe(value);
  });

  it('in lists, profiles and --param', () => {
    expect(parse(`params: { id: [1, ${BIG}] }\n${steps}`).pipeline?.params.id).toEqual([1, BIG]);
    for (const declared of ['5', BIG, 'null'])
      expect(parse(`params: { id: ${declared} }\n${steps}`, { id: `${BIG}0` }).pipeline?.params.id).toBe(`${BIG}0`);
  });

  it('in a matrix, which keeps two instances', () => {
    const { pipeline, diagnostics } = parse(
      `steps: { a: { matrix: { shop: [${BIG}, 9007199254740992] }, run: "echo \${{ matrix.shop }}", inputs: [] } }\n`,
    );
    expect(diagnostics).toEqual([]);
    expect(pipeline?.steps.map((step) => step.name)).toEqual([`a@shop=${BIG}`, 'a@shop=9007199254740992']);
  });

  it('in the values of a schema', () => {
    const { checks } = parseSchema('s.yaml', `columns: { id: { values: [${BIG}, 5] } }\n`);
    expect(checks?.columns.id?.values).toEqual([BIG, 5]);
  });
});

it('passes them to steps and checks as written', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
params: { account: ${BIG} }
steps:
  a: { run: 'echo \${{ params.account }} > a.txt; cp "$REFIT_PARAMS" b.json', params: [account], inputs: [], outputs: [a.txt, b.json] }
`,
    's.yaml': `columns: { id: { values: [${BIG}] } }\n`,
    'good.csv': `id,x\n${BIG},1\n${BIG},2\n`,
    'bad.csv': `id,x\n${BIG},1\n9007199254740992,2\n`,
  });
  await rig.json(0, 'run', 'p');
  expect([rig.read('a.txt').trim(), JSON.parse(rig.read('b.json'))]).toEqual([BIG, { account: BIG }]);
  expect((await rig.json(0, 'check-data', 'good.csv', '--schema', 's.yaml')).verdict).toBe('pass');
  const { problems } = await rig.json(4, 'check-data', 'bad.csv', '--schema', 's.yaml');
  expect(problems[0]).toMatchObject({ code: 'unknown-value', rows: 1 });
});
