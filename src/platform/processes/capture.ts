import type { Captured, CaptureOptions } from './child.js';

/** Calls `capture` of child.ts, which is loaded only now: loading execa takes longer than many commands run. */
export async function capture(file: string, args: readonly string[], options?: CaptureOptions): Promise<Captured> {
  const child = await import('./child.js');
  return child.capture(file, args, options);
}
