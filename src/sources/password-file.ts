import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { PostgresTarget } from './postgres-url.js';
import type { Env } from './source-url.js';
import { isSmallFile } from './url-files.js';

type Login = Pick<PostgresTarget, 'host' | 'port' | 'database' | 'user'>;

/**
 * The password for a login, from `PGPASSWORD` or libpq's file of passwords (PostgreSQL 15, section 34.16). Throws where there is
 * none; the words begin with "no password".
 */
export function passwordOf(login: Login, env: Env): string {
  if (env.PGPASSWORD !== undefined && env.PGPASSWORD !== '') return env.PGPASSWORD;
  const path = env.PGPASSFILE ?? join(env.HOME ?? homedir(), '.pgpass');
  const none = 'no password: the URL, PGPASSWORD and the password file hold none';
  if (!isSmallFile(path)) throw new Error(`${none} (there is no file ${path})`);
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Error(`no password: others may read ${path}, so it is not used: chmod 600 ${path}`);
  const found = lineFor(login, readFileSync(path, 'utf8'));
  if (found === undefined) throw new Error(`${none} for this login (${path})`);
  return found;
}

function lineFor({ host, port, database, user }: Login, text: string): string | undefined {
  const asked = [host.startsWith('/') ? 'localhost' : host, String(port), database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    const isFor = asked.every((value, i) => fields[i] === '*' || plain(fields[i]) === value);
    if (isFor && fields.length >= 5) return plain(fields[4]);
  }
  return undefined;
}

/** Fields are separated by colons. A backslash escapes the next character. */
const fieldsOf = (line: string): readonly string[] => line.match(/(?:\\.|[^:\\])+|(?<=^|:)(?=:|$)/g) ?? [];

const plain = (field: string | undefined): string | undefined => field?.replace(/\\(.)/g, '$1');
