import type { Services } from '../../../domain/ports/services.js';
import { type ListedFiles, listFiles } from './list-files.js';
import { notebookCode } from './notebook.js';
import type { Language, LeftOut, Project, Script } from './project.js';
import { type PathUse, readScript } from './read-script.js';

type Dependencies = Pick<Services, 'files' | 'environments'>;

const MOST_SCRIPT_BYTES = 256 * 1024;
const MOST_NOTEBOOK_BYTES = 16 * 1024 * 1024;
const MOST_SCRIPTS = 60;

const TABLE = /\.(csv|tsv|parquet|jsonl|ndjson)(\.gz)?$/i;

/** Scripts of tests and of packaging are no steps. */
const NO_STEP =
  /(^|\/)(test_[^/]*|[^/]*_test|conftest|setup|noxfile|fabfile|tasks|manage|__init__|refit_helper)\.(py|R|r)$/;

/** In JavaScript also what configures and tests. */
const NO_STEP_OF_NODE = /(^|\/)([^/]*\.(config|test|spec|min|d)|gulpfile|Gruntfile)\.[cm]?js$/;

const PACKAGE_LISTS_OF_NODE = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];

const PACKAGE_LISTS = [
  'uv.lock',
  'poetry.lock',
  'Pipfile.lock',
  'pylock.toml',
  'requirements.txt',
  'environment.yml',
  'environment.yaml',
  'renv.lock',
];

/** Reads what a folder holds. Runs nothing of it. `folder` is its name. */
export async function scanProject(services: Dependencies, folder: string): Promise<Project> {
  const listed = await listFiles(services.files);
  const data = [...listed.files.keys()].filter((path) => TABLE.test(path));
  const read = await readScripts(services, listed);
  const isNode = read.scripts.some(({ language }) => language === 'node');
  const requirements = [...listed.files.keys()].filter((path) => /^requirements[\w.-]*\.txt$/.test(path));
  return {
    folder,
    scripts: read.scripts,
    data,
    files: new Set(listed.files.keys()),
    folders: listed.folders,
    packages: [...new Set(isNode ? PACKAGE_LISTS_OF_NODE : [...PACKAGE_LISTS, ...requirements])].filter((path) =>
      listed.files.has(path),
    ),
    venv: listed.venv ?? (await hiddenVenv(services)),
    conda: await condaOf(services, listed),
    columns: columnsOf(services, data.slice(0, 20)),
    leftOut: [...listed.leftOut, ...read.leftOut],
  };
}

async function hiddenVenv({ files }: Dependencies): Promise<string | undefined> {
  return (await files.stat('.venv/pyvenv.cfg')) === undefined ? undefined : '.venv';
}

const languageOf = (path: string): Language | undefined => LANGUAGES.find(([, ending]) => ending.test(path))?.[0];

const LANGUAGES: readonly (readonly [Language, RegExp])[] = [
  ['python', /\.py$/],
  ['r', /\.[Rr]$/],
  ['notebook', /\.ipynb$/],
  ['node', /\.[cm]?js$/],
];

/** Beside scripts of another language, JavaScript belongs to a web page. */
function languagesOf({ files }: ListedFiles): ReadonlyMap<string, Language> {
  const found = [...files.keys()].flatMap((path) => {
    const language = NO_STEP.test(path) || NO_STEP_OF_NODE.test(path) ? undefined : languageOf(path);
    return language === undefined ? [] : [[path, language] as const];
  });
  const others = found.filter(([, language]) => language !== 'node');
  return new Map(others.length > 0 ? others : found);
}

async function readScripts(
  { files }: Dependencies,
  listed: ListedFiles,
): Promise<{ readonly scripts: readonly Script[]; readonly leftOut: readonly LeftOut[] }> {
  const scripts: Script[] = [];
  const leftOut: LeftOut[] = [];
  for (const [path, language] of languagesOf(listed)) {
    const size = listed.files.get(path) ?? 0;
    const most = language === 'notebook' ? MOST_NOTEBOOK_BYTES : MOST_SCRIPT_BYTES;
    if (size > most || scripts.length >= MOST_SCRIPTS) {
      leftOut.push({
        path,
        why: size > most ? 'it is too large for a script' : `${MOST_SCRIPTS} scripts were read before it`,
      });
      continue;
    }
    const text = await files.readText(path);
    const code = text.ok ? codeOf(language, text.value) : undefined;
    const facts = code === undefined ? undefined : readScript(code, language === 'node');
    if (!text.ok) leftOut.push({ path, why: 'it cannot be read' });
    else if (code === undefined) leftOut.push({ path, why: 'it is no text of a script' });
    else if (facts === undefined) leftOut.push({ path, why: 'its calls are nested too deeply to be read' });
    else scripts.push({ path, language, ...facts });
  }
  // Scripts of a web page write no file.
  const isPage = scripts.every(({ language, trains, uses }) => language === 'node' && !trains && !uses.some(isWrite));
  return isPage ? { scripts: [], leftOut: [] } : { scripts, leftOut };
}

const isWrite = ({ use }: PathUse): boolean => use === 'write';

const codeOf = (language: Language, text: string): string | undefined => {
  if (language === 'notebook') return notebookCode(text);
  return text.includes('\0') || text.includes('\uFFFD\uFFFD') ? undefined : text;
};

/** The environment that environment.yml names, as `name: churn` on a line of its own. */
async function condaOf({ files, environments }: Dependencies, listed: ListedFiles): Promise<Project['conda']> {
  const file = ['environment.yml', 'environment.yaml'].find((path) => listed.files.has(path));
  const size = file === undefined ? 0 : (listed.files.get(file) ?? 0);
  if (file === undefined || size > MOST_SCRIPT_BYTES) return undefined;
  const text = await files.readText(file);
  const name = text.ok ? /^name:\s*["']?([\w.-]+)/m.exec(text.value)?.[1] : undefined;
  if (name === undefined) return undefined;
  const at = { file, line: 1, col: 1, endCol: 1 };
  return { name, isHere: environments.find({ kind: 'conda', name, at }).ok };
}

const HEADER_BYTES = 16 * 1024;

/** The header of each table of text. */
function columnsOf({ files }: Dependencies, data: readonly string[]): Project['columns'] {
  const columns = new Map<string, readonly string[]>();
  for (const path of data.filter((one) => /\.csv$/i.test(one))) {
    const text = files.readStart(path, HEADER_BYTES);
    const header = /^\uFEFF?([^\n\r]*)[\n\r]/.exec(text)?.[1] ?? '';
    const names = header.split(/[,;]/).map((name) => name.trim().replace(/^"|"$/g, ''));
    if (header !== '') columns.set(path, names);
  }
  return columns;
}
