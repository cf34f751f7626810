import { expect } from 'vitest';
import type { Document, Rig } from '../support/rig.js';

/** `refit track --json …`: behind `--` it would be a word of the command. */
export async function track(rig: Rig, ...words: readonly string[]): Promise<Document> {
  const { exit, stdout, stderr } = await rig.refit('track', '--json', ...words);
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout);
}

export const pathsOf = (uses: readonly { readonly path: string }[]) => uses.map(({ path }) => path);
