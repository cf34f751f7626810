import { parentPort, workerData } from 'node:worker_threads';
import type { SqliteCall, SqliteWork } from './sqlite.js';
import { openDatabase } from './sqlite-database.js';

/** The thread that reads a SQLite file. One step of SQLite's virtual machine may take hours and blocks its thread. */
const { request, place, root } = workerData as SqliteWork;
const opened = openDatabase(request, place, root);

async function answer(call: SqliteCall): Promise<unknown> {
  if (!opened.ok || call.kind === 'open') return opened.ok ? { ok: true, value: undefined } : opened;
  return call.kind === 'probe' ? opened.value.probe(call.span) : opened.value.read(call.span, call.to);
}

parentPort?.on('message', (call: SqliteCall) => {
  answer(call).then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => {
      // The other thread takes it as an error of its own.
      setImmediate(() => {
        throw error;
      });
    },
  );
});
