import type { ProcessIdentity } from '../../domain/runs/run.js';
import { identityOf, identityOfEnded } from './identity.js';
import { start } from './start.js';
import type { StartMessage, StartReply } from './start-message.js';

/** The process that starts others for refit (see starter.ts); it ends when refit does, and what it started runs on. */
const reply = (message: StartReply): void => {
  // refit has gone: nobody is left to tell
  if (process.connected) process.send?.(message, () => undefined);
};

const inherited = { ...process.env };

function environment({ set, unset }: StartMessage): Record<string, string> {
  const env = { ...inherited, ...set };
  for (const name of unset) delete env[name];
  return env as Record<string, string>;
}

/** A process that ends sooner is told of once: a message costs both sides as much as a tenth of a start. */
const TELL_AFTER_MS = 5;

process.on('disconnect', () => process.exit());
process.on('message', async (message: StartMessage) => {
  const { id, argv, cwd, logPath } = message;
  const started = await start({ argv, cwd, env: environment(message), target: { logPath } });
  if (typeof started === 'string') return reply({ kind: 'not-started', id, reason: started });
  const { pid, exit } = started;
  let identity: ProcessIdentity | undefined;
  const telling = setTimeout(() => {
    identity = identityOf(pid);
    reply({ kind: 'started', id, identity });
  }, TELL_AFTER_MS);
  const outcome = await exit;
  clearTimeout(telling);
  reply({ kind: 'ended', id, identity: identity ?? identityOfEnded(pid), outcome });
});
reply({ kind: 'ready' });
