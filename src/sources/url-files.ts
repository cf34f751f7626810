import { statSync } from 'node:fs';

/** Parameters whose files the client reads while it looks at the URL: also a pipe without a writer, and without bound. */
const NAMES_FILE = ['sslrootcert', 'sslcert', 'sslkey'];
const MOST_BYTES = 1024 * 1024;

/**
 * Why the files that a URL names are not read, `undefined` where they may be. A pipeline file names none: who writes it need not be who
 * runs it.
 */
export function problemOfFiles(
  url: string,
  { isWritten }: { readonly isWritten: boolean },
): 'malformed' | 'names-files' | 'unfit-files' | undefined {
  const all = formsOf(url).map(filesOf);
  const files = all.flatMap((found) => found ?? []);
  if (all.every((found) => found === undefined)) return 'malformed';
  if (files.length === 0) return undefined;
  if (isWritten) return 'names-files';
  return files.every(isFit) ? undefined : 'unfit-files';
}

/** The client quotes a URL with spaces before it takes it apart, and gives one without a host such a name. */
function formsOf(url: string): readonly string[] {
  let quoted = url;
  try {
    quoted = encodeURI(url).replace(/%25(\d\d)/g, '%$1');
  } catch {
    // Half a character: the client does not take it either.
  }
  return [url, quoted].flatMap((form) => [form, form.replace('@/', '@localhost/')]);
}

function filesOf(form: string): readonly string[] | undefined {
  if (!URL.canParse(form)) return undefined;
  return [...new URL(form).searchParams].flatMap(([key, value]) =>
    NAMES_FILE.includes(key.toLowerCase()) && value !== '' ? [value] : [],
  );
}

function isFit(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= MOST_BYTES;
}
