import { describe, expect, it } from 'vitest';
import { quotedValues } from '../../../src/pipeline/parse/shell-quotes.js';

describe('values inside quotes', () => {
  for (const [script, count] of [
    ['train ${{ params.x }}', 0],
    ['train --x=${{ params.x }}/${{ params.y }}', 0],
    ['train "${{ params.x }}"', 1],
    ["train '${{ params.x }}' ${{ params.y }}", 1],
    ['train "--x=${{ params.x }}" \'${{ params.y }}\'', 2],
    ['echo "$(cat ${{ params.x }})"', 0],
    ['echo "$(cat "${{ params.x }}")"', 1],
    ["echo it\\'s ${{ params.x }}", 0],
    ['echo "a \\" b" ${{ params.x }}', 0],
    ["# don't\ntrain ${{ params.x }}", 0],
    ["cat <<EOF\nit's ${{ params.x }}\nEOF", 0],
  ] as const)
    it(`${count} in ${script}`, () => expect(quotedValues(script)).toHaveLength(count));
});
