import { formatPatch, OMIT_HEADERS, type StructuredPatchHunk, structuredPatch } from 'diff';

const CONTEXT_LINES = 3;
/** Texts that differ in more lines than this are shown as replaced: finding the shortest difference would take too long. */
const MAX_EDITS = 2000;

/** The difference of two texts in the unified format of `diff -u` and git. Empty when the texts are the same. */
export function unifiedDiff(before: string, after: string, name: string): readonly string[] {
  if (before === after) return [];
  const names = [`a/${name}`, `b/${name}`] as const;
  const found = structuredPatch(...names, before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDITS,
  });
  const patch = found ?? {
    oldFileName: names[0],
    newFileName: names[1],
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [replacement(before, after)],
  };
  // The header is ours because the package writes names that are not ASCII as octal bytes.
  const hunks = formatPatch(patch, OMIT_HEADERS).replace(/\n$/, '').split('\n');
  return [`--- ${names[0]}`, `+++ ${names[1]}`, ...hunks];
}

function replacement(before: string, after: string): StructuredPatchHunk {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  return {
    oldStart: 1,
    oldLines: old.length,
    newStart: 1,
    newLines: fresh.length,
    lines: [...old.map((line) => `-${line}`), ...fresh.map((line) => `+${line}`)],
  };
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
