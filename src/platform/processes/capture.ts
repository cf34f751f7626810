import type { Captured, CaptureOptions } from './child.js';

/** `capture` of child.ts, which is loaded only here: execa takes longer to load than many a command needs. */
export async function capture(file: string, args: readonly string[], options?: CaptureOptions): Promise<Captured> {
  const child = await import('./child.js');
  return child.capture(file, args, options);
}
