/** The records of a text table: lines, where a line break inside quotes ends none. Each keeps its line break. */
function recordsOf(text: string): readonly string[] {
  const records: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (sign === '"') isQuoted = !isQuoted;
    if (sign !== '\n' || isQuoted) continue;
    records.push(text.slice(from, i + 1));
    from = i + 1;
  }
  if (from < text.length) records.push(text.slice(from));
  return records;
}

/**
 * The records of a table that an earlier one does not have, as often as they are there more often; the bytes and the order stay.
 * `hasHeader`: the first record is kept. `undefined` if nothing is new.
 */
export function newRecords(now: string, then: string, hasHeader: boolean): string | undefined {
  const counts = new Map<string, number>();
  for (const record of recordsOf(then)) {
    const key = record.trimEnd();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [head = '', ...rest] = recordsOf(now);
  const kept = (hasHeader ? rest : [head, ...rest]).filter((record) => {
    const key = record.trimEnd();
    if (key === '') return false;
    const left = counts.get(key) ?? 0;
    if (left > 0) counts.set(key, left - 1);
    return left === 0;
  });
  return kept.length === 0 ? undefined : `${hasHeader ? head : ''}${kept.join('')}`;
}
