import { type RowSelection, textIn } from '../../domain/data/row-selection.js';
import type { Unit } from '../../domain/exchange/exchange.js';
import type { Json, JsonObject } from '../../domain/support/json.js';

/** Fields of a finding that hold SQL. */
const SQL_FIELDS = ['sql', 'condition'];

/**
 * A finding without its SQL. The text of a query is this machine's own and is never taken from outside: whoever could write it
 * there could run it here. The rows of a finding stay where they are data: columns, values and bounds.
 */
export function withoutSql(unit: Unit): Unit {
  if (unit.kind === 'data_look') {
    const findings = unit.row.finding as readonly JsonObject[];
    return { ...unit, row: { ...unit.row, finding: findings.map((one) => stripped(one, 'finding_json')) } };
  }
  return unit.kind === 'performance_check' ? { ...unit, row: stripped(unit.row, 'report_json') } : unit;
}

function stripped(row: JsonObject, column: string): JsonObject {
  const document = JSON.parse(String(row[column])) as JsonObject;
  const clean =
    column === 'finding_json'
      ? withoutFields(document)
      : { ...document, findings: (document.findings as readonly JsonObject[]).map(withoutFields) };
  return { ...row, [column]: JSON.stringify(clean) };
}

const withoutFields = (finding: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(finding).filter((entry): entry is [string, Json] => !isSql(entry[0], entry[1])));

/** The document has passed its schema, so `selects` is a selection. */
const isSql = (field: string, value: Json | undefined): boolean =>
  SQL_FIELDS.includes(field) || (field === 'selects' && textIn(value as unknown as RowSelection) !== undefined);
