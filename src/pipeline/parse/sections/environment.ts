import type { EnvironmentRef } from '../../../domain/pipeline/pipeline.js';
import type { BuildContext } from '../context.js';
import type { YamlPath } from '../source/yaml-source.js';

/** The environment that `python` or `conda` names at a place of the file. */
export function buildEnvironment(
  raw: { readonly python?: string | undefined; readonly conda?: string | undefined },
  path: YamlPath,
  { report }: Pick<BuildContext, 'report'>,
): EnvironmentRef | undefined {
  if (raw.python !== undefined && raw.conda !== undefined)
    report.at([...path, 'conda'], {
      code: 'wrong-value',
      message: '"python" and "conda" both say where programs come from',
      suggestion: 'keep one of them; a step may name another one than the pipeline',
    });
  const kind = raw.python === undefined ? 'conda' : 'python';
  const name = raw[kind];
  if (name === undefined) return undefined;
  if (name.includes('${{'))
    report.at([...path, kind], {
      code: 'wrong-value',
      message: `"${kind}" takes no values`,
      suggestion: 'write its folder or name; profiles can hold another one',
    });
  return { kind, name, at: report.position([...path, kind]) };
}
