import type { MonitorSpec, ReferenceChoice } from '../../../domain/pipeline/pipeline.js';
import type { BuildContext } from '../context.js';
import { checkedPath } from '../paths.js';
import type { RawMonitor } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';

type Reference = Pick<MonitorSpec, 'reference' | 'compareWith'>;

/** `reference: work/train.csv`, `reference: season`, or a map with one choice. */
export function buildReference(raw: RawMonitor, context: BuildContext): Reference {
  const path: YamlPath = ['monitor', 'reference'];
  const { reference } = raw;
  if (reference === undefined) return {};
  if (reference === 'season') return checked(raw, { compareWith: { kind: 'season' } }, context);
  if (typeof reference === 'string') return { reference: checkedPath(reference, path, context.report) };
  const choices: readonly ReferenceChoice[] = [
    ...(reference.season === undefined ? [] : [{ kind: 'season' as const }]),
    ...(reference.last === undefined ? [] : [{ kind: 'last' as const, windows: Number.parseInt(reference.last, 10) }]),
    ...(reference.version === undefined ? [] : [{ kind: 'version' as const, version: reference.version }]),
  ];
  const named = reference.path;
  if (choices.length > 1 || (choices.length === 0 && named === undefined))
    context.report.at(path, {
      code: choices.length === 0 ? 'empty-reference' : 'wrong-value',
      message: choices.length === 0 ? 'this reference names nothing' : 'a reference can be only one of these',
      suggestion: 'name one of season: true, last: 4 windows, version: model@3, or only a path',
    });
  if (choices[0]?.kind === 'version' && named === undefined)
    context.report.at(path, {
      code: 'missing-key',
      message: `the reference of ${choices[0].version} is a file that its run wrote, and no path is named`,
      suggestion: 'add path: the output of a step that holds the rows it was trained on',
    });
  return checked(
    raw,
    {
      ...(named === undefined ? {} : { reference: checkedPath(named, [...path, 'path'], context.report) }),
      ...(choices[0] === undefined ? {} : { compareWith: choices[0] }),
    },
    context,
  );
}

/** Rows of other times need to know which rows those are. */
function checked(raw: RawMonitor, reference: Reference, context: BuildContext): Reference {
  const { compareWith } = reference;
  if (compareWith === undefined || compareWith.kind === 'version') return reference;
  if (raw.current?.window === undefined)
    context.report.at(['monitor', 'reference'], {
      code: 'missing-key',
      message: `a reference of ${compareWith.kind === 'season' ? 'the same weeks a year before' : 'the last windows'} needs the length of the window`,
      suggestion: 'add current: { dataset: …, window: 28d }, of a dataset with "time"',
    });
  return reference;
}

/** Whether a window can be compared with something. */
export const canCompare = (monitor: MonitorSpec | undefined): boolean =>
  monitor?.current !== undefined &&
  (monitor.reference !== undefined || (monitor.compareWith !== undefined && monitor.compareWith.kind !== 'version'));
