import { closeSync, constants, openSync } from 'node:fs';
import { start } from './start.js';
import type { StartMessage, StartReply } from './start-message.js';

/** The process that starts others for refit (see starter.ts); it ends when refit does, and what it started runs on. */
const reply = (message: StartReply): void => {
  // refit has gone: nobody is left to tell
  if (process.connected) process.send?.(message, () => undefined);
};

process.on('disconnect', () => process.exit());
process.on('message', async (message: StartMessage) => {
  const { id } = message;
  let fd: number;
  try {
    fd = openSync(message.logPath, constants.O_WRONLY | constants.O_APPEND);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reply({ kind: 'not-started', id, reason: `its log cannot be written: ${reason}` });
  }
  const started = await start({ ...message, fd });
  closeSync(fd);
  if (typeof started === 'string') return reply({ kind: 'not-started', id, reason: started });
  reply({ kind: 'started', id, identity: started.identity });
  reply({ kind: 'ended', id, outcome: await started.exit });
});
reply({ kind: 'ready' });
