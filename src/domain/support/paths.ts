/** Paths with slashes, absolute or relative to the workspace, without a slash at the end. They are compared as written. */

/** Whether a path is the folder itself or something in it, however deep. */
export const isAtOrBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The last part of a path: the name of the file or folder. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
