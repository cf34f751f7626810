import type { Command, Step, Template } from '../domain/pipeline/pipeline.js';
import { valuesOf } from './parse/template.js';

export const templatesOf = (command: Command): readonly Template[] =>
  command.kind === 'shell' ? [command.script] : command.words;

export const CHAMPION_VALUE = 'champion';

/** The models that the command of a step starts from: `champion`, `versions[3]`. */
export function parentNames({ command }: Pick<Step, 'command'>): readonly string[] {
  const names = templatesOf(command)
    .flatMap(valuesOf)
    .flatMap((ref): readonly string[] => {
      if (ref.kind === 'champion-path') return [CHAMPION_VALUE];
      return ref.kind === 'version-path' ? [`versions[${ref.version}]`] : [];
    });
  return [...new Set(names)];
}

/** Whether a model may be trained on from the champion. */
export const canStartWarm = (steps: readonly Pick<Step, 'command'>[]): boolean =>
  steps.some((step) => parentNames(step).includes(CHAMPION_VALUE));
