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
const NEW = 'go on although the history that was there is gone, or is another one';
const WAIT = 'wait so long while somebody works here; default: do not wait';

const namedRemote = (text: string) => ({ text, path: resolve(text) });

export const addPush = (program: Command): Command =>
  program
    .command('push')
    .description('give a remote the runs, versions and objects that it does not have, and the champion')
    .addArgument(new Argument('<remote>', REMOTE))
    .option('--all', 'also look for objects that the remote should have already')
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
    .description("take in a remote's runs, versions and champion, fetch what is needed to serve and to train on")
    .addArgument(new Argument('<remote>', REMOTE))
    .option('--all', 'fetch every object, those of older versions too')
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
