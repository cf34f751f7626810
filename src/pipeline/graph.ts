import picomatch from 'picomatch';
import type { StepName } from '../domain/ids.js';
import type { Dataset, InputRef, Step } from '../domain/pipeline.js';
import type { BuildContext } from './context.js';
import { suggestOne } from './near-miss.js';
import { overlaps } from './paths.js';
import type { YamlPath } from './source.js';
import type { StepDraft } from './steps.js';

interface Written {
  readonly step: StepName;
  readonly path: string;
  readonly at: YamlPath;
}

/** Orders steps by what they read and write and by `after`; reports two writers, unknown names and cycles. */
export function connectSteps(
  drafts: readonly StepDraft[],
  datasets: readonly Dataset[],
  context: BuildContext,
): readonly Step[] {
  const written = drafts.flatMap(writtenBy);
  reportTwoWriters(written, context);
  const steps = drafts.map((draft): Step => {
    const byData = (draft.step.inputs ?? []).flatMap((input) => writersOf(input, written, datasets));
    const byName = draft.after.flatMap((name, i) => resolveAfter(name, [...draft.path, 'after', i], drafts, context));
    // a step that reads its own output is a cycle of one
    return { ...draft.step, dependsOn: [...new Set([...byData, ...byName])].sort() };
  });
  reportCycle(steps, drafts, context);
  return steps;
}

export function writtenBy(draft: StepDraft): readonly Written[] {
  const outputs = draft.step.outputs.map((output, i) => ({
    step: draft.step.name,
    path: output.path as string,
    at: draft.outputPaths[i] ?? draft.path,
  }));
  const { metricsPath } = draft.step;
  if (metricsPath === undefined || outputs.some((output) => output.path === metricsPath)) return outputs;
  return [...outputs, { step: draft.step.name, path: metricsPath, at: [...draft.path, 'metrics'] }];
}

function reportTwoWriters(written: readonly Written[], context: BuildContext): void {
  written.forEach((second, i) => {
    const first = written.slice(0, i).find((one) => overlaps(one.path, second.path));
    if (first === undefined) return;
    const how =
      first.path === second.path ? `"${second.path}"` : `"${second.path}" and "${first.path}", one inside the other`;
    context.report.at(second.at, {
      code: 'two-writers',
      message:
        first.step === second.step
          ? `step "${second.step}" declares ${how} twice`
          : `steps "${first.step}" and "${second.step}" both write ${how}`,
      suggestion: 'give each step a path of its own',
      related: [{ message: `first written by "${first.step}" here`, at: context.report.position(first.at) }],
    });
  });
}

function writersOf(input: InputRef, written: readonly Written[], datasets: readonly Dataset[]): readonly StepName[] {
  if (input.kind === 'path') return written.filter((one) => overlaps(one.path, input.path)).map((one) => one.step);
  if (input.kind === 'glob') return matching([input.pattern], written);
  const source = datasets.find((dataset) => dataset.name === input.name)?.source;
  return source?.kind === 'paths' ? matching(source.patterns, written) : [];
}

const matching = (patterns: readonly string[], written: readonly Written[]): readonly StepName[] =>
  written.filter(({ path }) => patterns.some((pattern) => canMatch(pattern, path))).map((one) => one.step);

/** A glob may match an output, or files inside an output folder. */
export function canMatch(pattern: string, output: string): boolean {
  const { base } = picomatch.scan(pattern);
  if (picomatch.isMatch(output, pattern) || overlaps(output, pattern)) return true;
  return base === output || base.startsWith(`${output}/`) || (!/\.[^/]*$/.test(output) && leadsInto(pattern, output));
}

/** The pattern goes on below this folder: `work/**` + `/*.csv` below `work/parts`. */
function leadsInto(pattern: string, folder: string): boolean {
  const wanted = pattern.split('/');
  const segments = folder.split('/');
  const open = wanted.indexOf('**');
  const depth = open < 0 ? segments.length : Math.min(open, segments.length);
  return wanted.length > depth && segments.slice(0, depth).every((one, i) => picomatch.isMatch(one, wanted[i] ?? ''));
}

function resolveAfter(
  name: string,
  path: YamlPath,
  drafts: readonly StepDraft[],
  context: BuildContext,
): readonly StepName[] {
  const found = drafts.filter((draft) => draft.step.name === name || draft.step.declaredName === name);
  if (found.length === 0)
    context.report.at(path, {
      code: 'unknown-step',
      message: `there is no step "${name}"`,
      suggestion: suggestOne(name, [...new Set(drafts.map((draft) => draft.step.declaredName))], 'steps'),
    });
  return found.map((draft) => draft.step.name);
}

function reportCycle(steps: readonly Step[], drafts: readonly StepDraft[], context: BuildContext): void {
  const cycle = findCycle(steps);
  if (cycle === undefined) return;
  const draft = drafts.find((one) => one.step.name === cycle[0]);
  context.report.atKey(['steps'], draft?.step.declaredName ?? '', {
    code: 'cycle',
    message: `steps wait for each other: ${[...cycle, cycle[0]].join(' → ')}`,
    suggestion: 'an arrow reads "needs an output of"; take one of these inputs or "after" away',
    related: cycle.slice(1).map((name) => ({
      message: `"${name}" is here`,
      at: context.report.position(drafts.find((one) => one.step.name === name)?.path ?? ['steps']),
    })),
  });
}

/** The first cycle in file order, each step needing the next. */
function findCycle(steps: readonly Step[]): readonly StepName[] | undefined {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<StepName>();
  for (const start of steps) {
    const trail: StepName[] = [];
    const stack: { readonly name: StepName; readonly depth: number }[] = [{ name: start.name, depth: 0 }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      for (const left of trail.splice(top.depth)) done.add(left);
      const onTrail = trail.indexOf(top.name);
      if (onTrail >= 0) return trail.slice(onTrail);
      if (done.has(top.name)) continue;
      trail.push(top.name);
      for (const next of byName.get(top.name)?.dependsOn ?? []) stack.push({ name: next, depth: trail.length });
    }
    for (const left of trail) done.add(left);
  }
  return undefined;
}
