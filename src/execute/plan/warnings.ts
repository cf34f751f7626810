import type { Step } from '../../domain/pipeline/pipeline.js';
import { commandText } from './fingerprint.js';

const LOCK_FILES =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|requirements[\w.-]*\.txt|poetry\.lock|uv\.lock|Pipfile\.lock|pdm\.lock|environment\.ya?ml|renv\.lock|pixi\.lock|conda-lock\.ya?ml|pylock[\w.]*\.toml)$/;

/** Steps in interpreted languages that declare no lock file: an upgraded package would not be noticed. */
export function lockFileWarnings(steps: readonly Step[]): readonly string[] {
  const without = steps.filter((step) => {
    const isInterpreted = /(^|[\s;&|"[])(python[\d.]*|node|npx|uv|Rscript)(["\s]|$)/.test(commandText(step.command));
    const declares = (step.inputs ?? []).some(
      (input) => input.kind !== 'dataset' && LOCK_FILES.test(input.kind === 'path' ? input.path : input.pattern),
    );
    return isInterpreted && step.environment === undefined && step.inputs !== undefined && !declares;
  });
  if (without.length === 0) return [];
  const names = [...new Set(without.map((step) => step.declaredName))].join(', ');
  return [
    `no lock file among the inputs of ${names}: upgraded packages would not rerun them (add requirements.txt or package-lock.json, or name the environment, as in python: .venv)`,
  ];
}
