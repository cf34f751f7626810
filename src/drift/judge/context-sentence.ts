import type { ColumnContext, Onset, Upstream } from '../../domain/data/drift.js';
import { type Instant, toMinute } from '../../domain/support/time.js';

/** The column's context and where to look first, in words. Empty without context. */
export function contextSentence(context: ColumnContext): string {
  const { onset, correlation, upstream } = context;
  return [
    ...(onset === undefined ? [] : [onsetText(onset)]),
    ...(correlation === undefined
      ? []
      : [
          correlation.isBroken
            ? `its rank correlation with ${correlation.with} went from ${figure(correlation.before)} to ${figure(correlation.after)}`
            : `it still goes with ${correlation.with} (rank correlation ${figure(correlation.before)}, now ${figure(correlation.after)})`,
        ]),
    ...(upstream === undefined ? [] : [upstreamText(upstream)]),
    ...adviceOf(context),
  ].join('; ');
}

function onsetText({ kind, from, until, file }: Onset): string {
  const end = until === undefined ? '' : ` until ${moment(until)}`;
  if (kind === 'whole-window') return 'it is so in the whole window';
  if (kind === 'gradual') return `it grew from ${moment(from)} on${end}`;
  const where =
    kind === 'file' && from !== undefined
      ? `, exactly where ${file ?? 'a file'} begins`
      : kind === 'file'
        ? `, exactly where ${file ?? 'the next file'} begins`
        : kind === 'midnight'
          ? ', a midnight'
          : '';
  return from === undefined ? `it is so${end}${where}` : `it is so since ${moment(from)}${where}${end}`;
}

function upstreamText({ step, dataset, through, changed }: Upstream): string {
  const way = through.length === 0 ? '' : ` through ${through.join(' and ')}`;
  const origin = step === undefined ? `it comes from dataset ${dataset}${way}` : `step ${step} makes it${way}`;
  if (changed.length > 0) return `${origin}, and ${changed.join(', ')} changed since the reference`;
  return step === undefined && through.length === 0 ? origin : `${origin}, whose code has not changed`;
}

/**
 * Where to look first: at code that changed, else at the file where the change began. A gradual change together with
 * companions comes from the world.
 */
function adviceOf({ onset, correlation, upstream }: ColumnContext): readonly string[] {
  const [first] = upstream?.changed ?? [];
  if (first !== undefined) return [`look at ${first} first`];
  if (onset?.kind === 'file' && onset.from !== undefined && onset.file !== undefined)
    return [`look at ${onset.file} first`];
  const isWorlds = correlation?.isBroken === false && (onset?.kind === 'gradual' || onset?.kind === 'inside');
  return isWorlds ? ['that is how the world changes, not how a pipeline breaks'] : [];
}

const figure = (value: number): string => String(Number(value.toPrecision(2)));

const moment = (at: Instant | undefined): string => (at === undefined ? 'the start' : toMinute(at));
