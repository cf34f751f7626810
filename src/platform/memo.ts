import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Memo } from '../domain/ports/platform.js';
import { systemCode } from '../domain/support/system-error.js';
import { requireRealFolders } from './real-folders.js';

interface MemoOptions {
  readonly maker: string;
  readonly isWritable: boolean;
  readonly mask: (text: string) => string;
}

/**
 * Results that can be computed again, each in a file of its own below `folder`. Nothing is forced to disk: what a crash
 * tears is not readable, and so not there. `maker` is the folder of the code that computes them: a change of it forgets all.
 * `mask` hides secrets: a result that holds one, such as a line of a file that a diagnostic shows, is not kept.
 */
export function createMemo(folder: string, { maker, isWritable, mask }: MemoOptions): Memo {
  let version: string | undefined;
  const fullKey = (key: string): string => {
    version ??= versionOf(maker);
    return createHash('sha256').update(`${version}\n${key}`).digest('hex');
  };
  const place = (name: string): string =>
    join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`);
  return {
    read: (name, key) => {
      try {
        const text = readFileSync(place(name), 'utf8');
        return text.startsWith(fullKey(key)) ? JSON.parse(text.slice(64)) : undefined;
      } catch {
        return undefined;
      }
    },
    write: (name, key, value) => {
      if (!isWritable) return;
      const text = JSON.stringify(value);
      if (mask(text) !== text) return;
      const path = place(name);
      const staged = `${path}.${process.pid}-${randomUUID()}`;
      try {
        requireRealFolders(dirname(path));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(staged, fullKey(key) + text, { flag: 'wx' });
        renameSync(staged, path);
      } catch (error) {
        // Only a cache: this user may not write here, or the disk is full.
        if (systemCode(error) === undefined) throw error;
      }
    },
  };
}

/** The bundle's parts are named by their contents. */
const versionOf = (folder: string): string => readdirSync(folder).join('\n');
