import { execFileSync } from 'node:child_process';

/** Builds dist once per test run: the tests run the program that users run. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
