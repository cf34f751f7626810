import { resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { answer, type CommonOptions, parseWait, perform } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import type { Failure } from '../domain/failure.js';

interface RemoteOptions extends CommonOptions {
  readonly all?: boolean;
  readonly new?: boolean;
  readonly wait?: number;
}

const REMOTE = 'a name under "remotes" in refit.yaml, a folder (a mounted share), or s3://bucket/prefix';
const NEW = 'go on although the history of the remote is gone or is a different one';
const WAIT = 'wait this long for other commands to finish; default: do not wait';

const namedRemote = (text: string) => ({ text, path: resolve(text) });

export const addPush = (program: Command): Command =>
  program
    .command('push')
    .description('Send runs, versions, objects and the champion to a remote')
    .addArgument(new Argument('<remote>', REMOTE))
    .option('--all', 'also check objects that the remote should already have')
    .option('--new', NEW)
    .option('--wait <duration>', WAIT, parseWait)
    .action(async (remote: string, options: RemoteOptions) => {
      await perform('push', options, 'write', async (services) => {
        const { push } = await import('./push.js');
        const { pushView } = await import('./views/remote-view.js');
        const done = await push(services, namedRemote(remote), {
          isAll: options.all ?? false,
          isNew: options.new ?? false,
          waitMs: options.wait,
        });
        if (!done.ok) return done;
        const failures = done.value.lost.map(
          ({ model, ours, theirs }): Failure => ({
            code: 'champion-overtaken',
            remote,
            model,
            ours: `${model}@${ours.version} (${ours.hash.slice(0, 8)})`,
            theirs: `${model}@${theirs.version} (${theirs.hash.slice(0, 8)}, run ${theirs.run})`,
          }),
        );
        return answer(pushView(done.value), failures.length > 0 ? EXIT.overtaken : EXIT.done, failures);
      });
    });

export const addPull = (program: Command): Command =>
  program
    .command('pull')
    .description("Get a remote's runs, versions and champion, and the objects needed to serve and to train")
    .addArgument(new Argument('<remote>', REMOTE))
    .option('--all', 'fetch every object, also of older versions')
    .option('--new', NEW)
    .option('--wait <duration>', WAIT, parseWait)
    .action(async (remote: string, options: RemoteOptions) => {
      await perform('pull', options, 'write', async (services) => {
        const { pull } = await import('./pull.js');
        const { pullView } = await import('./views/remote-view.js');
        const done = await pull(services, namedRemote(remote), {
          isAll: options.all ?? false,
          isNew: options.new ?? false,
          waitMs: options.wait,
        });
        return done.ok ? answer(pullView(done.value)) : done;
      });
    });
