import { createHash } from 'node:crypto';
import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { Command, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { NewRun } from '../domain/runs/run.js';
import type { RunOptions } from '../domain/runs/run-report.js';

/** What is recorded of a run at its start: its code, its environment and its parameters. */
export async function describeRun(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions,
): Promise<Omit<NewRun, 'id'>> {
  const startedAt = services.clock.now();
  const [code, environment] = await Promise.all([
    services.git.codeVersion(),
    services.surroundings.environment(programsOf(pipeline)),
  ]);
  const packages = await lockFiles(services);
  if (code.problem !== undefined)
    services.emit({
      type: 'warning',
      code: 'git-refused',
      text: `the code of this run is not recorded: git did not answer (${code.problem.reason}). Mend it: ${code.problem.mend}`,
    });
  const { diffText, ...version } = code;
  const diff = diffText === undefined ? undefined : await services.artifacts.saveText(diffText);
  return {
    pipeline: pipeline.name,
    file: pipeline.file,
    definition: { hash: hashOf(pipeline.text), text: pipeline.text },
    trigger: options.trigger,
    profile: pipeline.profile,
    params: pipeline.params,
    now: options.now,
    isNowGiven: options.isNowGiven,
    startedAt,
    code: { ...version, ...(diff?.ok ? { diff: diff.value.hash } : {}) },
    actor: services.surroundings.actor(),
    environment: {
      ...environment,
      tools: { ...environment.tools, ...pythons(services, pipeline) },
      hardware: services.machine(),
      packages,
    },
    process: services.processes.self(),
    windows: options.windows,
  };
}

const LOCK_FILES = [
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'uv.lock',
  'poetry.lock',
  'Pipfile.lock',
  'pixi.lock',
  'conda-lock.yml',
  'requirements.txt',
  'environment.yml',
  'renv.lock',
  'Manifest.toml',
] as const;

async function lockFiles({ artifacts }: Services): Promise<Readonly<Record<string, ContentHash>>> {
  const found = await artifacts.hash(LOCK_FILES.map((name) => name as WorkspacePath));
  return Object.fromEntries([...found].map(([name, { hash }]) => [name, hash]));
}

const hashOf = (text: string): ContentHash => createHash('sha256').update(text).digest('hex') as ContentHash;

/** The Python of each environment that steps name. */
function pythons({ environments }: Services, { steps }: Pipeline): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const { environment } of steps) {
    const found = environment === undefined ? undefined : environments.find(environment);
    const version = found?.ok === true ? found.value.packages.python : undefined;
    if (environment !== undefined && version !== undefined) versions[`python (${environment.name})`] = version;
  }
  return versions;
}

/** Interpreters that commands start with. Their versions are part of a run's environment. */
function programsOf(pipeline: Pipeline): readonly string[] {
  const first = (command: Command): string => {
    const part = command.kind === 'shell' ? command.script[0] : command.words[0]?.[0];
    return part?.kind === 'text' ? (part.text.trim().split(/\s+/)[0] ?? '') : '';
  };
  const commands = [
    ...pipeline.steps.filter((step) => step.environment === undefined).map((step) => step.command),
    ...(pipeline.model?.evaluate && pipeline.environment === undefined ? [pipeline.model.evaluate.command] : []),
  ];
  return [...new Set(commands.map(first))].filter((program) =>
    /^(\/?[\w./-]*\/)?(python[\d.]*|Rscript|julia)$/.test(program),
  );
}
