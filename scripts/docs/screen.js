// Screens: commands run in a real terminal (tmux) of a given width, and what it shows is put below them.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from './pages.js';
import { withoutChance } from './session.js';

const ROWS = 200;
const MOST_MS = 120_000;

export const hasTmux = () => spawnSync('tmux', ['-V']).status === 0;

/** Runs the lines `<columns> $ <command>` of a section, in `<place>/project`, and returns the section with their screens. */
export function playScreens(body, place) {
  const calls = [...body.matchAll(/^(\d+) \$ (.+)$/gm)].map(([, columns, command]) => ({ columns, command }));
  const played = calls.map((call) => `${call.columns} $ ${call.command}\n${screenOf(call, place)}`.trimEnd());
  return `\`\`\`text\n${played.join('\n\n')}\n\`\`\``;
}

/** What the terminal shows when the command has ended. The page shows the temporary folder as `/srv`. */
function screenOf({ columns, command }, place) {
  const server = `refit-docs-${randomUUID()}`;
  const { CI: _ci, FORCE_COLOR: _colour, ...inherited } = process.env;
  const tmux = (...words) => {
    const { status, stdout, stderr } = spawnSync('tmux', ['-L', server, '-f', '/dev/null', ...words], {
      cwd: join(place, 'project'),
      encoding: 'utf8',
      env: {
        ...inherited,
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        REFIT_ACTOR: 'ana',
        GITHUB_ACTIONS: '',
        GIT_CEILING_DIRECTORIES: tmpdir(),
      },
    });
    if (status !== 0) throw new Error(`tmux ${words[0]}: ${stderr}`);
    return stdout;
  };
  const program = `"${process.execPath}" "${join(PROJECT, 'bin/refit.js')}"`;
  const line = `refit() { ${program} "$@"; }; ${command}; tmux -L ${server} wait-for -S done; exec cat`;
  try {
    tmux('new-session', '-d', '-x', columns, '-y', String(ROWS), line);
    const ended = spawnSync('tmux', ['-L', server, 'wait-for', 'done'], { timeout: MOST_MS });
    if (ended.status !== 0) throw new Error(`"${command}" did not end in ${MOST_MS / 1000} seconds`);
    return tmux('capture-pane', '-p').trimEnd().replaceAll(place, '/srv');
  } finally {
    spawnSync('tmux', ['-L', server, 'kill-server']);
  }
}

/**
 * A screen, one word a line, without what differs from one play to the next. A duration that is longer by a digit moves columns
 * and breaks lines elsewhere, so broken lines are joined and spaces do not count.
 */
export function withoutWidths(text) {
  let columns = 80;
  const joined = text
    .split('\n')
    .map((line) => {
      columns = Number(/^(\d+) \$ /.exec(line)?.[1] ?? columns);
      const width = [...line].length;
      return width >= columns ? line : width === columns - 1 ? `${line} ` : `${line}\n`;
    })
    .join('');
  return withoutChance(joined).split(/\s+/).join('\n');
}
