import { type ExecutorName, engineOf } from '../../../domain/pipeline/executor.js';
import type { BuildContext } from '../context.js';
import { notYet, refuseNotYet } from '../not-yet.js';
import type { YamlPath } from '../source/yaml-source.js';

/** The executor that is named at a place of the file. */
export function buildExecutor(
  { executor, image }: { readonly executor?: string | undefined; readonly image?: string | undefined },
  path: YamlPath,
  context: Pick<BuildContext, 'report' | 'executor'>,
): ExecutorName | undefined {
  const named = executor as ExecutorName | undefined;
  if (image !== undefined && engineOf(named ?? context.executor ?? 'local')?.engine === 'slurm')
    refuseNotYet(notYet.imageInJob, [...path, 'image'], context);
  return named;
}
