import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMask } from '../../src/platform/processes/mask.js';

/** The stream as the mask gives it, with the text cut at these places. */
function masked(secrets: readonly string[], text: string, cuts: readonly number[]): string {
  const mask = createMask(secrets);
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((place, at) => mask.push(bytes.subarray(places[at], place)));
  return Buffer.concat([...pieces, mask.end()]).toString();
}

it('gives the same result wherever the stream is cut', () => {
  const word = fc
    .array(fc.constantFrom('a', 'b', 'ä', '\n'), { minLength: 1, maxLength: 5 })
    .map((all) => all.join(''));
  const text = fc.array(word, { maxLength: 20 }).map((all) => all.join(''));
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 3 }),
      text,
      fc.array(fc.nat(), { maxLength: 8 }),
      (secrets, said, cuts) => {
        const whole = masked(secrets, said, []);
        expect(masked(secrets, said, cuts)).toBe(whole);
        for (const secret of secrets) if (!'***'.includes(secret)) expect(masked(secrets, secret, cuts)).toBe('***');
      },
    ),
  );
});

it.each([
  [['abab'], 'xabab', 'x***'],
  [['ab', 'abc'], 'abc ab', '*** ***'],
  [['a.c$'], 'abc$ a.c$', 'abc$ ***'],
  [['first line\nsecond line'], '| first line\n| second line\n', '| ***\n| ***\n'],
  [[''], 'nothing to hide', 'nothing to hide'],
  // lines of a secret from 8 characters on; a secret of one line is masked whatever its length
  [['1234567\nabcdefgh'], '1234567 abcdefgh', '1234567 ***'],
  [['12345678\nabcdefg'], '12345678 abcdefg', '*** abcdefg'],
  [['123456789\r\nabcdefghi'], '123456789 abcdefghi', '*** ***'],
  [['1234567'], 'is 1234567', 'is ***'],
  [['x'], 'x', '***'],
])('masks %j in %j', (secrets, text, shown) => {
  expect(masked(secrets, text, [])).toBe(shown);
  expect(
    masked(
      secrets,
      text,
      Array.from({ length: text.length }, (_, at) => at),
    ),
  ).toBe(shown);
});
