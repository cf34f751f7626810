import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { BIN, type Rig, until } from './rig.js';

/** A real terminal (tmux) in which one refit command runs. */
export interface Terminal extends Disposable {
  /** The lines on the screen now, without the empty ones. */
  readonly screen: () => readonly string[];
  /** Waits until the screen shows these words, and returns it. */
  readonly shows: (words: string) => Promise<readonly string[]>;
  readonly press: (key: string) => void;
  readonly isCursorVisible: () => boolean;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `refit <args>`. When it has ended, the screen shows `EXIT <code>` below its output. */
export function openTerminal(rig: Rig, args: string, { columns, rows, env = {} }: TerminalOptions): Terminal {
  const server = `refit-${randomUUID()}`;
  // the surroundings of the tests must not decide about colours: a CI service sets CI, and chalk then uses none
  const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, CI: _ci, ...inherited } = process.env;
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...words], {
      cwd: rig.root,
      encoding: 'utf8',
      env: { ...inherited, LC_ALL: 'C.UTF-8', ...env },
    });
  const command = `"${process.execPath}" "${BIN}" ${args}; echo "EXIT $?"; exec cat`;
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), command);
  const screen = (): readonly string[] =>
    tmux('capture-pane', '-p')
      .split('\n')
      .filter((line) => line !== '');
  return {
    screen,
    shows: async (words) => {
      let lines: readonly string[] = [];
      await until(() => {
        lines = screen();
        return lines.some((line) => line.includes(words));
      });
      return lines;
    },
    press: (key) => void tmux('send-keys', key),
    isCursorVisible: () => tmux('display-message', '-p', '#{cursor_flag}').trim() === '1',
    [Symbol.dispose]: () => void tmux('kill-server'),
  };
}
