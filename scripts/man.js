// Writes man/refit.1, the manual page that npm installs beside the program, from the built program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = execFileSync(process.execPath, [join(project, 'bin/refit.js'), 'man'], { encoding: 'utf8' });
mkdirSync(join(project, 'man'), { recursive: true });
writeFileSync(join(project, 'man/refit.1'), page);
