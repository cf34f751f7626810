import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, type Rig, until } from '../support/rig.js';

export const isFound = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** An interactive shell in tmux with refit's completion loaded. */
export interface ShellSession extends Disposable {
  /** Types keys, and waits until the line at the prompt is stable and matches. Returns the screen. */
  readonly type: (keys: readonly string[], shown: RegExp) => Promise<string>;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** How each shell is started without the settings of the user, and loads the script. */
const START: Readonly<Record<string, string>> = {
  bash: "PS1='> ' bash --norc --noprofile",
  zsh: 'zsh -f',
  fish: 'fish --no-config',
};
const LOAD: Readonly<Record<string, string>> = {
  bash: "PS1='> '; source <(refit completion bash)",
  zsh: "PS1='> '; autoload -Uz compinit; compinit -u -D; source <(refit completion zsh)",
  fish: "function fish_prompt; printf '> '; end; refit completion fish | source",
};

export async function openShell(rig: Rig, shell: string): Promise<ShellSession> {
  const bin = join(rig.root, '.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(BIN, join(bin, 'refit'));
  writeFileSync(join(bin, 'node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  const server = `refit-${randomUUID()}`;
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...words], {
      cwd: rig.root,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, LC_ALL: 'C.UTF-8', HOME: rig.root, HISTFILE: '' },
    });
  tmux('new-session', '-d', '-x', '100', '-y', '40', START[shell] ?? shell);
  const screen = (): string => tmux('capture-pane', '-p');
  const type: ShellSession['type'] = async (keys, shown) => {
    for (const key of keys) {
      if (key === 'Tab' || key === 'Enter' || key === 'C-u') tmux('send-keys', key);
      else tmux('send-keys', '-l', '--', key);
    }
    await until(() => shown.test(screen()));
    return screen();
  };
  await until(() => /[>$%#] *\s*$/.test(screen()));
  await type([LOAD[shell] ?? '', 'Enter'], /^> *$/m);
  const shellPid = Number(tmux('display-message', '-p', '#{pane_pid}'));
  return {
    type,
    [Symbol.dispose]: () => {
      tmux('kill-server');
      // The folder can be removed once nothing is written in it.
      while (isAlive(shellPid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    },
  };
}
