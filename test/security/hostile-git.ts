import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Sets every kind of setting by which git starts a program. Each leaves a file of its name in `marks`. */
export function poisonGit(gitFolder: string, marks: string): void {
  const mark = (name: string): string => `touch '${marks}/${name}'`;
  const set = (key: string, program: string): string =>
    execFileSync('git', ['config', '--file', join(gitFolder, 'config'), key, program], { encoding: 'utf8' });
  set('core.fsmonitor', `${mark('fsmonitor')}; false`);
  set('core.pager', `${mark('pager')}; cat`);
  set('core.editor', mark('editor'));
  set('core.sshCommand', mark('ssh'));
  set('core.gitProxy', mark('proxy'));
  set('core.hooksPath', join(gitFolder, 'hooks'));
  set('diff.external', `${mark('external')}; true`);
  for (const name of ['command', 'textconv']) set(`diff.x.${name}`, `${mark(name)}; cat`);
  for (const name of ['clean', 'smudge']) set(`filter.x.${name}`, `${mark(name)}; cat`);
  set('filter.y.process', mark('process'));
  set('gpg.program', mark('gpg'));
  set('log.showSignature', 'true');
  set('credential.helper', `!${mark('credential')}`);
  for (const name of ['log', 'status', 'diff', 'ls-tree', 'cat-file']) set(`alias.${name}`, `!${mark('alias')}`);
  set('includeIf.onbranch:**.path', 'included');
  set('include.path', 'included');
  const included = `[core]\n\tfsmonitor = "${mark('included')}; false"\n`;
  const hook = `#!/bin/sh\n${mark('hook')}\n`;
  const files = {
    included,
    'info/attributes': '* filter=x diff=x\n*.csv filter=y\n',
    'hooks/post-index-change': hook,
    'hooks/post-checkout': hook,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(gitFolder, name)), { recursive: true });
    writeFileSync(join(gitFolder, name), text, { mode: 0o755 });
  }
}
