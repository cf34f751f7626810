import type { Failure } from '../domain/failure.js';
import { isObjects, questionOf, spellUrl } from '../domain/pipeline/remote-source.js';
import type { Output } from '../domain/ports/output.js';
import type { Processes, ProcessSpec } from '../domain/ports/platform.js';
import type { SourceRequest, Sources } from '../domain/ports/sources.js';
import { err, ok, type Result } from '../domain/support/result.js';

/**
 * What a command may do with the commands that a pipeline names. `free`: the user asked to run them. `announced`: a command that
 * reads says before each that it starts it. `refused`: none is started.
 */
type CommandUse =
  | { readonly kind: 'free' }
  | { readonly kind: 'announced'; readonly announce: (text: string) => void }
  | { readonly kind: 'refused'; readonly reason: string };

/** What the kind of a command of refit, and `--no-commands`, allow. */
export function commandUse(
  { workspace, areCommandsRefused }: { readonly workspace: string; readonly areCommandsRefused?: boolean },
  output: Pick<Output, 'emit'>,
): CommandUse {
  if (workspace === 'read' || workspace === 'none')
    return { kind: 'refused', reason: 'a command that only reads starts nothing that the workspace names' };
  if (workspace !== 'record') return { kind: 'free' };
  if (areCommandsRefused === true) return { kind: 'refused', reason: '--no-commands is given' };
  return { kind: 'announced', announce: (text) => output.emit({ type: 'warning', code: 'command-started', text }) };
}

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

/** The same gate for the databases and addresses that a pipeline names. */
export function guardSources(sources: Sources, use: CommandUse): Sources {
  if (use.kind === 'free') return sources;
  const ask = (request: SourceRequest): Result<void, Failure> => {
    const source = `dataset "${request.dataset}"`;
    if (use.kind === 'refused') return err({ code: 'source-refused', source, reason: use.reason });
    use.announce(`${connects(request)} for ${source}; --no-commands refuses it`);
    return ok(undefined);
  };
  return {
    open: async (request) => {
      const asked = ask(request);
      return asked.ok ? sources.open(request) : asked;
    },
    openObjects: async (request) => {
      const asked = ask(request);
      return asked.ok ? sources.openObjects(request) : asked;
    },
  };
}

function connects({ source: { place } }: SourceRequest): string {
  if (place.kind === 'sqlite' || place.kind === 'duckdb')
    return `opens the ${place.kind === 'sqlite' ? 'SQLite' : 'DuckDB'} database ${place.path}`;
  if (place.kind === 'command') return `starts ${questionOf(place)}`;
  if (isObjects(place)) return `reads ${spellUrl(place.url)} (${place.kind})`;
  return `connects to ${place.kind}, ${spellUrl(place.url)},`;
}

function describe({ argv, env }: ProcessSpec): string {
  const command = argv[0] === 'sh' ? argv.at(-1) : argv.join(' ');
  return `starts the command of ${env.REFIT_STEP ?? 'the pipeline'}: ${command}; --no-commands refuses it`;
}
