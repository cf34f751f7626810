import { resolve } from 'node:path';
import type { Finding } from '../../src/domain/data/finding.js';
import type { TableProfile } from '../../src/domain/data/profile.js';
import type { TableSource } from '../../src/domain/ports/datasets.js';
import { findDataBugs } from '../../src/drift/find-data-bugs.js';
import { openDatasets } from '../support/datasets.js';

export const PROJECT = resolve(import.meta.dirname, '../..');

/** Data bugs of one SQL query against another, judged from real profiles. `roots`: files outside the project that may be read. */
export function openTables(roots: readonly string[] = []) {
  const datasets = openDatasets(PROJECT, roots);

  async function profile(sql: string, reference?: TableProfile): Promise<TableProfile> {
    const source: TableSource = { from: { kind: 'query', sql } };
    const read = await datasets.profile(source, reference);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    return read.value;
  }

  /** Findings of a table against another; no history. */
  async function judge(before: string, now: string): Promise<readonly Finding[]> {
    const reference = await profile(before);
    const { bugs } = findDataBugs(reference, await profile(now, reference), { ignore: [], history: [] });
    return bugs;
  }

  return { profile, judge, close: () => datasets[Symbol.asyncDispose]() };
}

/** `scaled distance`: what was found, and where. */
export const kindsOf = (bugs: readonly Finding[]): readonly string[] =>
  bugs.map((bug) => `${bug.code} ${bug.column ?? ''}`.trim());
