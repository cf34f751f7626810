// Writes the generated sections of README.md: npm run docs
//
//   npm run docs               commands and pipeline file, from the program's help and its schema
//   npm run docs -- --play     the session and the demo too, played for real (a minute and a half)
//   npm run docs -- --check    writes nothing; exits with 1 when README.md differs, played sections included where
//                              they can be compared (the session; ids, times and hashes are not)
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandsSection } from './docs/commands.js';
import { pipelineFileSection } from './docs/pipeline-file.js';
import { demoSection, hasPython, sessionSection, withoutChance } from './docs/played.js';

const project = resolve(import.meta.dirname, '..');
const readme = join(project, 'README.md');

const markers = (name) => [`<!-- ${name} -->`, `<!-- /${name} -->`];

function sectionOf(text, name) {
  const [start, end] = markers(name);
  const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
  if (from < start.length || to < from) throw new Error(`README.md has no section ${start} … ${end}`);
  return { from, to, body: text.slice(from, to).trim() };
}

function replaceSection(text, name, body) {
  const { from, to } = sectionOf(text, name);
  return `${text.slice(0, from)}\n${body}\n${text.slice(to)}`;
}

/** The first line of a section that is not what it should be; `undefined` when none is. */
function firstDifference(name, is, should) {
  const [isLines, shouldLines] = [is.split('\n'), should.split('\n')];
  const at = shouldLines.findIndex((line, i) => line !== isLines[i]);
  if (at < 0 && isLines.length === shouldLines.length) return undefined;
  const line = at < 0 ? shouldLines.length : at;
  return `section "${name}", line ${line + 1}\n  is:        ${isLines[line] ?? ''}\n  should be: ${shouldLines[line] ?? ''}`;
}

const commands = await commandsSection();
const generated = { commands: () => commands, 'pipeline-file': pipelineFileSection };

function check() {
  const text = readFileSync(readme, 'utf8');
  const differences = Object.entries(generated).map(([name, make]) =>
    firstDifference(name, sectionOf(text, name).body, make().trim()),
  );
  if (hasPython())
    differences.push(
      firstDifference(
        'session',
        withoutChance(sectionOf(text, 'session').body),
        withoutChance(sessionSection(project).trim()),
      ),
    );
  const found = differences.filter((one) => one !== undefined);
  for (const one of found) process.stderr.write(`README.md is out of date: ${one}\n`);
  if (found.length > 0) process.stderr.write('write it anew: npm run docs (the session: npm run docs -- --play)\n');
  process.exitCode = found.length > 0 ? 1 : 0;
}

function write(isPlayed) {
  const sections = isPlayed
    ? { ...generated, session: () => sessionSection(project), demo: () => demoSection(project) }
    : generated;
  const text = Object.entries(sections).reduce(
    (sofar, [name, make]) => replaceSection(sofar, name, make().trim()),
    readFileSync(readme, 'utf8'),
  );
  writeFileSync(readme, text);
}

if (process.argv.includes('--check')) check();
else write(process.argv.includes('--play'));
