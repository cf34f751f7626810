import { installation } from './services.js';

/** One part a line, for reports of bugs. */
export async function versionDetails(): Promise<string> {
  const parts = await installation();
  const width = Math.max(...parts.map(([name]) => name.length));
  return parts.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
