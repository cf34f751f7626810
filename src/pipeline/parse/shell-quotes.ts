/**
 * Offsets of `${{ … }}` values inside quotes. refit quotes each value as one shell word, so quotes around it would
 * reach the program or end too early. `$( )` opens a new context. The search stops at a comment or here-document,
 * because quotes mean nothing in them.
 */
export function quotedValues(script: string): readonly number[] {
  const found: number[] = [];
  const contexts: Context[] = ['bare'];
  for (let i = 0; i < script.length; i++) {
    const context = contexts.at(-1) ?? 'bare';
    if (script.startsWith('${{', i)) {
      if (context !== 'bare') found.push(i);
      i = Math.max(i, script.indexOf('}}', i) + 1);
      continue;
    }
    const skip = skipped(script, i, context);
    if (skip === undefined) return found;
    if (skip > 0) {
      i += skip - 1;
      continue;
    }
    i += enter(script, i, contexts);
  }
  return found;
}

type Context = 'bare' | 'single' | 'double';

/** How many characters to skip from here. `undefined` if the rest cannot be judged. */
function skipped(script: string, at: number, context: Context): number | undefined {
  const character = script[at];
  if (character === '\\' && context !== 'single') return 2;
  if (context !== 'bare') return 0;
  if (script.startsWith('<<', at)) return undefined;
  const startsWord = at === 0 || /[\s;&|(]/.test(script[at - 1] ?? '');
  if (character !== '#' || !startsWord) return 0;
  const lineEnd = script.indexOf('\n', at);
  return (lineEnd < 0 ? script.length : lineEnd) - at;
}

/** Opens or closes a context. Returns how many extra characters were consumed. */
function enter(script: string, at: number, contexts: Context[]): number {
  const context = contexts.at(-1);
  const character = script[at];
  if (context !== 'single' && script.startsWith('$(', at)) {
    contexts.push('bare');
    return 1;
  }
  if (context === 'bare' && character === ')' && contexts.length > 1) contexts.pop();
  else if (character === "'" && context !== 'double') toggle(contexts, 'single');
  else if (character === '"' && context !== 'single') toggle(contexts, 'double');
  return 0;
}

function toggle(contexts: Context[], kind: Context): void {
  if (contexts.at(-1) === kind) contexts.pop();
  else contexts.push(kind);
}
