// Writes the generated sections of README.md and docs/: npm run docs
//
//   npm run docs               the references of commands and of the pipeline file, from the program's help and its schema
//   npm run docs -- --play     the sessions and the demo too, played for real (two minutes)
//   npm run docs -- --check    writes nothing; exits with 1 when a page differs, sessions included (without their ids,
//                              times and hashes; the demo is not played)
//   npm run docs -- --play docs/drift.md       just this page
//
// A section stands between `<!-- name -->` and `<!-- /name -->`. A session is its own source: the lines that begin with `$`
// are run, in the workspace that `<!-- session name -->` names (scripts/docs/worlds.js); `<!-- session -->` goes on in the one
// of the session before it. `<!-- screen name -->` is the same in a terminal (tmux): its lines begin with the width, `80 $`.
import { commandsSection } from './docs/commands.js';
import { demoSection } from './docs/demo.js';
import { pageNames, readPage, sectionsOf, withSections, writePage } from './docs/pages.js';
import { pipelineFileSection } from './docs/pipeline-file.js';
import { hasTmux, playScreens, withoutWidths } from './docs/screen.js';
import { hasPython, playSession, withoutChance } from './docs/session.js';
import { createWorlds } from './docs/worlds.js';

const commands = await commandsSection();
const REFERENCES = { commands: () => commands, 'pipeline-file': pipelineFileSection };

/** Plays the sessions of one page, in order. */
function sessionPlayer(worlds) {
  let place;
  const ids = new Map();
  return ({ name, argument, body }) => {
    if (argument !== undefined) place = worlds.copyOf(argument);
    if (place === undefined)
      throw new Error('the first session of a page must name a workspace: <!-- session starter -->');
    return name === 'screen' ? playScreens(body, place) : playSession(body, place, ids);
  };
}

/** The first line of a section that is not what it should be; `undefined` when none is. */
function firstDifference(place, is, should) {
  const [isLines, shouldLines] = [is.split('\n'), should.split('\n')];
  const at = shouldLines.findIndex((line, i) => line !== isLines[i]);
  if (at < 0 && isLines.length === shouldLines.length) return undefined;
  const line = at < 0 ? shouldLines.length : at;
  return `${place}, line ${line + 1}\n  is:        ${isLines[line] ?? ''}\n  should be: ${shouldLines[line] ?? ''}`;
}

const isPlayed = ({ name }) => hasPython() && (name === 'session' || (name === 'screen' && hasTmux()));

function differencesOf(page, worlds) {
  const play = sessionPlayer(worlds);
  return sectionsOf(readPage(page)).map((section, i) => {
    const place = `${page}, section ${i + 1} (${section.name})`;
    if (section.name in REFERENCES) return firstDifference(place, section.body, REFERENCES[section.name]().trim());
    if (!isPlayed(section)) return undefined;
    const compared = section.name === 'screen' ? withoutWidths : withoutChance;
    return firstDifference(place, compared(section.body), compared(play(section)));
  });
}

function check(worlds, pages) {
  const found = pages.flatMap((page) => differencesOf(page, worlds)).filter((one) => one !== undefined);
  for (const one of found) process.stderr.write(`out of date: ${one}\n`);
  if (found.length > 0) process.stderr.write('write it anew: npm run docs (sessions: npm run docs -- --play)\n');
  process.exitCode = found.length > 0 ? 1 : 0;
}

function write(worlds, isAll, pages) {
  for (const page of pages) {
    const text = readPage(page);
    const referenced = withSections(text, ({ name }) => REFERENCES[name]?.());
    writePage(page, isAll ? playedAgain(referenced, worlds) : referenced);
  }
}

/** The page with its sessions played. Where only times, ids and hashes would change, it stays as it is. */
function playedAgain(text, worlds) {
  const play = sessionPlayer(worlds);
  const played = withSections(text, (section) => {
    if (isPlayed(section)) return play(section);
    return section.name === 'demo' ? demoSection() : undefined;
  });
  const compared = text.includes('<!-- screen ') ? withoutWidths : withoutChance;
  return compared(played) === compared(text) ? text : played;
}

const options = process.argv.slice(2).filter((one) => one.startsWith('--'));
const named = process.argv.slice(2).filter((one) => !one.startsWith('--'));
const pages = named.length > 0 ? named : pageNames();
const worlds = createWorlds();
try {
  if (options.includes('--check')) check(worlds, pages);
  else write(worlds, options.includes('--play'), pages);
} finally {
  worlds.remove();
}
