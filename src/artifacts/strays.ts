import { createHash, randomUUID } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../domain/support/system-error.js';

/**
 * Staging files are named after their owner: `.refit-<where>-<pid>-<uuid>`. `where` identifies one boot of one machine
 * and one process namespace, so a process id is only compared where it is valid.
 */
export const stagingName = (folder: string): string =>
  join(folder, `.refit-${placeTag()}-${process.pid}-${randomUUID()}`);

const FOREIGN_AGE_MS = 24 * 3_600_000;
const STAGING = /^\.refit-([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}$/;

/**
 * Removes what crashed processes left in `folder`: files of dead local processes at once, files from elsewhere after a
 * day.
 */
export function sweepStrays(folder: string): void {
  for (const entry of entriesOf(folder)) {
    const owner = STAGING.exec(entry.name);
    if (owner === null || !isStray(join(folder, entry.name), owner[1] ?? '', Number(owner[2]))) continue;
    try {
      rmSync(join(folder, entry.name), { recursive: true, force: true });
    } catch {
      // A leftover does no harm.
    }
  }
}

/** Names of leftovers of crashed processes in `folder`. */
export const listStrays = (folder: string): readonly string[] =>
  entriesOf(folder)
    .map((entry) => entry.name)
    .filter((name) => {
      const owner = STAGING.exec(name);
      return owner !== null && isStray(join(folder, name), owner[1] ?? '', Number(owner[2]));
    });

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isStray(path: string, place: string, pid: number): boolean {
  if (place === placeTag()) return !isAlive(pid);
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.ctimeMs > FOREIGN_AGE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

let tag: string | undefined;

function placeTag(): string {
  tag ??= createHash('sha256')
    .update([hostname(), orNothing(bootId), orNothing(processNamespace)].join('\n'))
    .digest('hex')
    .slice(0, 8);
  return tag;
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
const processNamespace = (): string => readlinkSync('/proc/self/ns/pid');

/** These files exist only on Linux. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
