import type { Failure } from '../../domain/failure.js';
import type { RemoteSource, SourcePlace } from '../../domain/pipeline/remote-source.js';
import type { Services } from '../../domain/ports/services.js';
import type { OpenSource, SourceSpan } from '../../domain/ports/sources.js';
import { hasSucceeded } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { shellQuote } from '../../domain/support/shell-quote.js';
import { toIso } from '../../domain/support/time.js';

type Dependencies = Pick<Services, 'processes' | 'surroundings' | 'files' | 'signal'>;
type CommandPlace = Extract<SourcePlace, { kind: 'command' }>;

/** A command that writes the rows of a window, to stdout or to the path that it is given. It is started for each reading. */
export function openCommand(
  services: Dependencies,
  dataset: string,
  { timeoutMs }: RemoteSource,
  place: CommandPlace,
): Result<OpenSource, Failure> {
  const source = `dataset "${dataset}"`;
  const variables = services.surroundings.variables();
  const missing = place.secrets.find((name) => variables[name] === undefined);
  if (missing !== undefined)
    return err({ code: 'env-missing', step: dataset, owner: 'dataset', name: missing, kind: 'secret' });
  const secrets = Object.fromEntries(place.secrets.map((name) => [name, variables[name] ?? '']));
  return ok({
    place: 'this workspace',
    probe: async () => ok(undefined),
    read: async (span, to) => {
      const path = `${to}.${place.format}`;
      const { outcome, tail } = await services.processes.run({
        argv: ['sh', '-eu', '-c', scriptOf(place, span, path)],
        cwd: services.files.root,
        env: { ...services.surroundings.env(), ...secrets, REFIT_STEP: source },
        logPath: `${to}.log`,
        timeoutMs,
        signal: services.signal,
        masked: services.surroundings.masked(),
      });
      if (outcome.kind === 'refused') return err({ code: 'source-refused', source, reason: outcome.reason });
      if (outcome.kind === 'timed-out')
        return err({ code: 'source-timed-out', source, place: 'its command', afterMs: timeoutMs });
      if (outcome.kind === 'cancelled')
        return err({ code: 'source-broken-off', source, place: 'its command', reason: 'interrupted' });
      if (hasSucceeded(outcome)) return ok({ table: { kind: 'file', path } });
      const reason =
        outcome.kind === 'exited'
          ? `it ended with exit code ${outcome.exitCode}`
          : outcome.kind === 'signalled'
            ? `it was ended by ${outcome.signal}`
            : 'it could not be started';
      return err({ code: 'source-command-failed', source, reason, tail });
    },
    [Symbol.asyncDispose]: async () => undefined,
  });
}

/** Each value stands in the script as one quoted word, as in the command of a step. */
function scriptOf({ script }: CommandPlace, { from, until }: SourceSpan, path: string): string {
  const values = { 'window-from': toIso(from), 'window-until': toIso(until), 'snapshot-path': path };
  const text = script.map((part) => {
    if (typeof part === 'string') return part;
    return shellQuote(part.bind === 'param' ? String(part.value ?? '') : values[part.bind]);
  });
  const isNamed = script.some((part) => typeof part !== 'string' && part.bind === 'snapshot-path');
  return isNamed ? text.join('') : `exec > ${shellQuote(path)}\n${text.join('')}`;
}
