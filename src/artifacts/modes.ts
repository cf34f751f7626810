const READ = 0o444;
const OWNER_READS = 0o400;

/** Asked once: Node can only read the umask by setting it for a moment. */
let umask: number | undefined;
const withoutUmask = (mode: number): number => {
  umask ??= process.umask();
  return mode & ~umask;
};

/** Whoever may read and the file may be executed. */
const executed = (read: number, isExecutable: boolean): number => (isExecutable ? read >> 2 : 0);

/** Mode of a stored object: read-only, and readable for nobody who may not read the file that it comes from. */
export function storedMode(sourceMode: number, isExecutable: boolean): number {
  const read = sourceMode & READ;
  return withoutUmask(read | executed(read | OWNER_READS, isExecutable)) | OWNER_READS | (isExecutable ? 0o100 : 0);
}

/** Mode of an object that two files share: what both allow to read. It is executable if any of them is. */
export const sharedMode = (objectMode: number, sourceMode: number, isExecutable: boolean): number =>
  storedMode(objectMode & sourceMode, isExecutable || (objectMode & 0o100) !== 0);

/** Mode of a file made from an object: whoever may read it may write it as far as the umask allows, unless it is read-only. */
export function restoredMode(
  objectMode: number,
  { isExecutable, isReadOnly }: { readonly isExecutable: boolean; readonly isReadOnly: boolean },
): number {
  const read = (objectMode & READ) | OWNER_READS;
  const write = isReadOnly ? 0 : (read >> 1) & 0o222;
  const owner = OWNER_READS | (isReadOnly ? 0 : 0o200) | (isExecutable ? 0o100 : 0);
  return withoutUmask(read | write | executed(read, isExecutable)) | owner;
}

/** Who may read the files in a folder of this mode: whoever may enter it. */
export const readersThrough = (folderMode: number): number => ((folderMode & 0o111) << 2) | OWNER_READS;
