import { isRecord } from '../../domain/support/json.js';

/** A node of the tree that DuckDB's parser makes of a statement (`json_serialize_sql`). */
export type Node = Readonly<Record<string, unknown>>;

export const isNode: (value: unknown) => value is Node = isRecord;

/** Every node of a tree, outer ones first. */
export function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesIn(one);
  if (!isNode(value)) return;
  yield value;
  for (const one of Object.values(value)) yield* nodesIn(one);
}
