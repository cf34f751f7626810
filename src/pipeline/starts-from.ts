import type { Command, Step, Template, ValueRef } from '../domain/pipeline/pipeline.js';
import { spell, valuesOf } from './parse/template.js';

export const templatesOf = (command: Command): readonly Template[] =>
  command.kind === 'shell' ? [command.script] : command.words;

export const CHAMPION_VALUE = 'champion';

/** What the command of a step takes over from earlier versions: `champion`, `versions[3]`, `window.new`. */
export function parentNames({ command }: Pick<Step, 'command'>): readonly string[] {
  const names = templatesOf(command)
    .flatMap(valuesOf)
    .flatMap((ref): readonly string[] => {
      if (ref.kind === 'champion-path') return [CHAMPION_VALUE];
      if (ref.kind === 'window-new') return [spell(ref)];
      return ref.kind === 'version-path' ? [`versions[${ref.version}]`] : [];
    });
  return [...new Set(names)];
}

/** Whether a model may be trained on from the champion. */
export const canStartWarm = (steps: readonly Pick<Step, 'command'>[]): boolean =>
  steps.some((step) => parentNames(step).includes(CHAMPION_VALUE));

/** Names of values that stand for rows, not for the bytes of a model. */
export const isNewWindow = (name: string): boolean => name.startsWith('window.new');

/** The dataset that a value stands for, with the names of all datasets of the pipeline. */
export function datasetIn(ref: ValueRef, datasets: readonly string[]): readonly string[] {
  if (ref.kind === 'dataset') return [ref.name];
  if (ref.kind !== 'window-new') return [];
  const name = ref.name ?? datasets[0];
  return name === undefined ? [] : [name];
}

/** The dataset that `window.new` or `window.new.rides` is about. */
export const datasetOfWindow = (name: string, datasets: readonly { readonly name: string }[]): string =>
  name === 'window.new' ? (datasets[0]?.name ?? '') : name.slice('window.new.'.length);
