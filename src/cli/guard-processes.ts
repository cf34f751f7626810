import type { Processes, ProcessSpec } from '../domain/ports/platform.js';

/**
 * What a command may do with the commands that a pipeline names. `free`: the user asked to run them. `announced`: a command that
 * reads says before each that it starts it. `refused`: none is started.
 */
export type CommandUse =
  | { readonly kind: 'free' }
  | { readonly kind: 'announced'; readonly announce: (text: string) => void }
  | { readonly kind: 'refused'; readonly reason: string };

/** The one gate between the commands of a workspace and a command of refit that only reads. */
export function guardProcesses(processes: Processes, use: CommandUse): Processes {
  if (use.kind === 'free') return processes;
  const announced = new Set<string>();
  return {
    ...processes,
    run: async (spec) => {
      if (use.kind === 'refused') return { outcome: { kind: 'refused', reason: use.reason }, tail: [], durationMs: 0 };
      const text = describe(spec);
      if (!announced.has(text)) use.announce(text);
      announced.add(text);
      return processes.run(spec);
    },
  };
}

function describe({ argv, env }: ProcessSpec): string {
  const command = argv[0] === 'sh' ? argv.at(-1) : argv.join(' ');
  return `starts the command of ${env.REFIT_STEP ?? 'the pipeline'}: ${command}; --no-commands refuses it`;
}
