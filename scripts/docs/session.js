// Sessions: the commands of a page are run again, and their real output is put below them.
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from './pages.js';

/** A line that stands for lines left out. */
const DOTS = /^\s*…$/;

/** Ids that differ from one play to the next: of runs and decisions. */
const ID = /\b(?:d-)?\d{8}-\d{6}-[0-9a-f]{6}\b/g;

export const hasPython = () => spawnSync('python3', ['--version']).status === 0;

/**
 * Runs the `$` lines of a session in `<place>/project` and returns the session with their output. Only stdout is shown. An id that a
 * command repeats from an earlier output is replaced by the id of this play; `ids` carries them from session to session.
 */
export function playSession(body, place, ids) {
  const played = commandsOf(body).map(({ command, output }) => {
    const given = command.replaceAll(ID, (id) => ids.get(id) ?? id);
    const fresh = run(given, place);
    rememberIds(ids, output, fresh);
    return [`$ ${given}`, ...cutLike(output, fresh.split('\n')), ''].join('\n').trimEnd();
  });
  return `\`\`\`text\n${played.join('\n\n')}\n\`\`\``;
}

/** The commands of a session with the output that the page shows for each. */
function commandsOf(body) {
  const lines = body.split('\n').filter((line) => !line.startsWith('```'));
  const starts = lines.flatMap((line, i) => (line.startsWith('$ ') ? [i] : []));
  return starts.map((start, k) => ({
    command: lines[start].slice(2),
    output: lines
      .slice(start + 1, starts[k + 1])
      .join('\n')
      .trim()
      .split('\n'),
  }));
}

/** Stdout of a shell command. The page shows the temporary folder as `/srv`, and the person as `ana`. */
function run(command, place) {
  const program = `${JSON.stringify(process.execPath)} ${JSON.stringify(join(PROJECT, 'bin/refit.js'))}`;
  const { stdout, error } = spawnSync('sh', ['-c', `refit() { ${program} "$@"; }\n${command}`], {
    cwd: join(place, 'project'),
    encoding: 'utf8',
    env: {
      ...process.env,
      NO_COLOR: '1',
      TZ: 'UTC',
      REFIT_ACTOR: 'ana',
      GITHUB_ACTIONS: '',
      GIT_CEILING_DIRECTORIES: tmpdir(),
    },
  });
  if (error !== undefined) throw error;
  return stdout.replaceAll(place, '/srv').trimEnd();
}

function rememberIds(ids, output, fresh) {
  const [before, after] = [output.join('\n').match(ID) ?? [], fresh.match(ID) ?? []];
  if (before.length === after.length) for (const [i, id] of before.entries()) ids.set(id, after[i]);
}

/**
 * Where the page leaves lines out (a line with just `…`), the fresh output is cut at the same place: as many lines are kept
 * before and after as the page shows.
 */
function cutLike(shown, fresh) {
  const at = shown.findIndex((line) => DOTS.test(line));
  if (at < 0) return fresh;
  const after = shown.length - at - 1;
  if (at + after >= fresh.length) return fresh;
  return [...fresh.slice(0, at), shown[at], ...fresh.slice(fresh.length - after)];
}

/** Without what differs from one play to the next: ids, hashes, times, durations, sizes of caches, person and machine. */
export const withoutChance = (text) =>
  text
    .replaceAll(ID, 'ID')
    .replaceAll(/\b(?:[0-9a-f]{12}|[0-9a-f]{64})\b/g, 'HASH')
    .replaceAll(/\b[0-9a-f]{2}\/[0-9a-f]{62}\b/g, 'OBJECT')
    .replaceAll(/\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\.\d{3}Z| \d{2}:\d{2}(:\d{2})?)/g, 'TIME')
    .replaceAll(/\b\d+(\.\d+)?(ms|s|m)\b/g, 'TOOK')
    .replaceAll(/\(TOOK\)|\bTOOK TOOK\b/g, 'TOOK')
    .replaceAll(/(by +)\S+ on .*$/gm, '$1SOMEBODY')
    .replaceAll(/\bby (?!refit)[a-z_][a-z0-9_.-]*$/gm, 'by SOMEBODY')
    .replaceAll(/\d+ rows? and \d+ files? of the caches/g, 'ROWS of the caches')
    .replaceAll(/ +/g, ' ');
