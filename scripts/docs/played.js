// Sections that are real output: played, and cut where a line says so.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMMANDS = [
  'refit init',
  'refit run hello',
  'refit promote hello@1 --reason "first version"',
  'refit status',
  'cp hello/february.csv hello/sales/     # a new month lands',
  'refit check-drift hello; echo "exit $?"',
  'refit retrain hello',
  'refit why hello',
];

export const hasPython = () => spawnSync('python3', ['--version']).status === 0;

/** A newcomer's first minutes, in a folder of their own. What goes to stderr, the progress, is left out. */
export function sessionSection(project) {
  const root = mkdtempSync(join(tmpdir(), 'refit-session-'));
  const refit = `refit() { ${JSON.stringify(process.execPath)} ${JSON.stringify(join(project, 'bin/refit.js'))} "$@"; }`;
  try {
    const lines = COMMANDS.flatMap((command) => {
      const { stdout } = spawnSync('sh', ['-c', `${refit}\n${command}`], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', GIT_CEILING_DIRECTORIES: tmpdir() },
      });
      return [`$ ${command}`, stdout.trimEnd(), ''];
    });
    return fenced(lines.join('\n').replaceAll(/\n{3,}/g, '\n\n'));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The output of `npm run demo` without its long middle; a line of dots stands where lines are left out. */
export function demoSection(project) {
  const text = execFileSync('npm', ['run', '--silent', 'demo'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const paragraphs = text.trim().split('\n\n');
  const find = (start) => paragraphs.find((one) => one.startsWith(start)) ?? '';
  const decisions = find('Every decision').split('\n');
  const hold = decisions.findIndex((line) => line.includes(' hold '));
  const gate = find('gate:').split('\n');
  return fenced(
    [
      paragraphs[0],
      '',
      decisions[0],
      DOTS,
      ...decisions.slice(hold, hold + 2),
      DOTS,
      '',
      find('What retraining has earned'),
      '',
      paragraphs[paragraphs.findIndex((one) => one.startsWith('What retraining')) + 1],
      '',
      find('why it was made'),
      DOTS,
      '',
      ...gate,
      '',
      find('when it served'),
    ].join('\n'),
  );
}

const DOTS = '  …';
const fenced = (text) => `\`\`\`text\n${text.trim()}\n\`\`\``;

/** Without what differs from one play to the next: ids, hashes, times, durations, and who and where it was. */
export const withoutChance = (text) =>
  text
    .replaceAll(/\b\d{8}-\d{6}-[0-9a-f]{6}\b/g, 'ID')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'HASH')
    .replaceAll(/\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\.\d{3}Z| \d{2}:\d{2})/g, 'TIME')
    .replaceAll(/\b\d+(\.\d+)?(ms|s|m)\b/g, 'TOOK')
    .replaceAll(/\(TOOK\)|\bTOOK TOOK\b/g, 'TOOK')
    .replaceAll(/(by +)\S+ on .*$/gm, '$1SOMEBODY')
    .replaceAll(/, by \S+$/gm, ', by SOMEBODY')
    .replaceAll(/ +/g, ' ');
