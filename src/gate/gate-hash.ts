import { createHash } from 'node:crypto';
import type { ContentHash } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Comparator, ModelSpec, ParamValue } from '../domain/pipeline/pipeline.js';

/** What a gate depends on besides its declaration, the candidate, the champion and the test data. */
export interface GateFacts {
  /** Other rivals, by the names that rules use. */
  readonly others: readonly (readonly [Comparator, ContentHash | undefined])[];
  /** Runs in a row that succeeded, for each rule that counts them. */
  readonly successes: readonly number[];
}

type Params = Readonly<Record<string, ParamValue>>;

/**
 * A hash of everything besides candidate, champion and test data that can change the verdict: the declared gate, how
 * metrics are computed, other rivals, and earlier runs. Positions in the file do not count.
 */
export function gateHash(model: ModelSpec, params: Params, { others, successes }: GateFacts): ContentHash {
  const used = (model.evaluate?.params ?? []).map((name) => [name, params[name]]);
  const facts = others.length + successes.length === 0 ? [] : [others, successes];
  const parts = [model.first, model.gate, model.evaluate?.command, used, ...facts];
  return createHash('sha256')
    .update(JSON.stringify(parts, (key, value) => (key === 'at' ? undefined : value)))
    .digest('hex') as ContentHash;
}

/** Above this many combinations a verdict counts as one of another gate. */
const MOST_COMBINATIONS = 20_000;

/**
 * Whether a hash is that of this gate, whatever its rivals and counts were when it was judged. They are tried out, because a
 * hash does not tell them: earlier versions of the model as rivals, and each count up to the one that a rule asks for.
 */
export function isHashOfGate(
  hash: ContentHash,
  model: ModelSpec,
  params: readonly Params[],
  versions: readonly ModelVersion[],
): boolean {
  const names = [...new Set(model.gate.flatMap((rule) => (rule.kind === 'metric' ? rule.against : [])))].filter(
    (name) => name !== 'champion',
  );
  const counts = model.gate.flatMap((rule) => (rule.kind === 'successes' ? [rule.count] : []));
  const hashes = [undefined, ...new Set(versions.map((version) => version.hash))];
  const others = combinations(names.map((name) => hashes.map((one) => [name, one] as const)));
  const successes = combinations(counts.map((most) => Array.from({ length: most + 1 }, (_, i) => i)));
  if (others === undefined || successes === undefined) return false;
  if (others.length * successes.length * params.length > MOST_COMBINATIONS) return false;
  return params.some((given) =>
    others.some((rivals) =>
      successes.some((counted) => gateHash(model, given, { others: rivals, successes: counted }) === hash),
    ),
  );
}

/** One of each list, in every way. `undefined`: there are too many. */
function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] | undefined {
  const size = lists.reduce((product, list) => product * list.length, 1);
  if (size > MOST_COMBINATIONS) return undefined;
  return lists.reduce<readonly (readonly T[])[]>(
    (made, list) => made.flatMap((begun) => list.map((one) => [...begun, one])),
    [[]],
  );
}
