import { it } from 'vitest';
import { createRig } from '../../support/rig.js';
import { timed } from './timed.js';

const repeated = (text: string, size = 300_000): string => text.repeat(Math.floor(size / text.length));

it.each([
  ['lists that are aliases', repeated('secrets: *a\n')],
  ['lists with anchors', repeated('secrets: &a [TOKEN]\n')],
  ['lists that are not closed', repeated('secrets: [\n')],
  ['empty lists', repeated('secrets:\n')],
  ['comments', `secrets:${repeated('\n# x')}`],
  ['blank lines', `secrets:${repeated(' \n')}`],
  ['names in URLs', repeated('a://b:c@')],
  ['places that name a variable', repeated('from: ')],
  ['blanks behind a key', `url:${' '.repeat(300_000)}x`],
  ['anchors of one name', repeated('- &a url: *a\n', 30_000)],
  ['aliases in lists', `x: &a [TOKEN]\n${repeated('"\\x73ecrets": [*a]\n', 30_000)}`],
  ['maps in maps', repeated('url: {', 60_000)],
  ['lists that are long', `secrets: [${repeated('A, ')}`],
  ['lists that do not end', `secrets:${repeated('\n- A')}\n#`],
])('reads the names of secrets from a file of %s in bounded time', async (_, text) => {
  using rig = createRig({ 'pipelines/p.yaml': text, 'refit.yaml': text }, { TOKEN: 'value-of-the-token' });
  await timed(rig, 'status');
});
