import type { PrepareStatementInfo } from 'mysql2';
import type { Failure } from '../../domain/failure.js';
import type { SourceRows } from '../../domain/ports/sources.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Statement, sharedName } from '../bound-query.js';
import { openRowWriter, type TextValue } from '../row-text.js';
import { prepare, type Session } from './session.js';
import { functionFor, type MysqlField, type ReadColumn, readColumn } from './types.js';

interface Reading {
  readonly to: string;
  readonly name: string;
  readonly moved: () => void;
}

/** Values are bound, never part of the text. Rows are written to the file as they arrive and are not kept in memory. */
export async function readRows(
  session: Session,
  { text, values }: Statement,
  { to, name, moved }: Reading,
): Promise<Result<SourceRows, Failure>> {
  const refuse = (reason: string): Result<never, Failure> =>
    err({ code: 'source-query-refused', source: name, reason });
  const statement = await prepare(session, text);
  const declared = columnsOf(statement);
  if (declared.length === 0) return refuse('it gives no columns');
  const twice = sharedName(declared.map((field) => field.name));
  if (twice !== undefined) return refuse(`it gives two columns called "${twice}"`);
  const odd = declared.find((field) => functionFor(field) !== undefined);
  if (odd !== undefined)
    return err({
      code: 'source-value-unfit',
      source: name,
      column: odd.name,
      reason: 'its type has no text of its own',
      next: `${functionFor(odd)}(${odd.name})`,
    });
  const writer = openRowWriter(to);
  let columns: readonly ReadColumn[] = [];
  try {
    await new Promise<void>((done, fail) => {
      session.lost.catch(fail);
      const rows = statement.execute([...values]) as unknown as RowEvents;
      rows.on('fields', (fields) => {
        columns = (fields ?? []).map(readColumn);
        moved();
      });
      rows.on('result', (row) => {
        moved();
        writer.write([columns.map((column, i) => textOf(column, row[i] ?? null))]);
      });
      rows.on('error', fail);
      rows.on('end', done);
    });
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    const { column, reason } = error;
    return err({ code: 'source-value-unfit', source: name, column, reason, next: `cast(${column} as char)` });
  } finally {
    writer.close();
  }
  return ok({
    table: { kind: 'text', columns: columns.map(({ column }) => column), rows: writer.rows(), ...writer.sizes() },
  });
}

type Value = Parameters<ReadColumn['spell']>[0];

/** The events of a running statement, which are missing from the client's types. */
interface RowEvents {
  on(event: 'fields', listener: (fields: readonly MysqlField[] | undefined) => void): void;
  on(event: 'result', listener: (row: readonly Value[]) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'end', listener: () => void): void;
}

/** Ends the reading. The client drops the connection when a listener throws. */
class Unfit extends Error {
  readonly column: string;
  readonly reason: string;
  constructor(column: string, reason: string) {
    super(reason);
    this.column = column;
    this.reason = reason;
  }
}

function textOf({ column, spell, unfit }: ReadColumn, value: Value): TextValue {
  const text = spell(value);
  const reason = text === null ? undefined : unfit?.(text);
  if (reason !== undefined) throw new Unfit(column.name, reason);
  return text;
}

/** What the server reports about the statement before it runs. */
const columnsOf = (statement: PrepareStatementInfo): readonly MysqlField[] =>
  (statement as unknown as { readonly columns: readonly MysqlField[] }).columns;
