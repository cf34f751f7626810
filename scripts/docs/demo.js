// The output of the demo, cut to what README.md shows.
import { execFileSync } from 'node:child_process';
import { PROJECT } from './pages.js';

const DOTS = '  …';

/** `npm run demo` without its long middle; a line of dots stands where lines are left out. */
export function demoSection() {
  const text = execFileSync('npm', ['run', '--silent', 'demo'], {
    cwd: PROJECT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const paragraphs = text.trim().split('\n\n');
  const find = (start) => paragraphs.find((one) => one.startsWith(start)) ?? '';
  const decisions = find('Every decision').split('\n');
  const hold = decisions.findIndex((line) => line.includes(' hold '));
  const earned = paragraphs.findIndex((one) => one.startsWith('What retraining'));
  const lines = [
    paragraphs[0],
    '',
    decisions[0],
    DOTS,
    ...decisions.slice(hold, hold + 2),
    DOTS,
    '',
    paragraphs[earned],
  ];
  return `\`\`\`text\n${lines.join('\n').trim()}\n\`\`\``;
}
