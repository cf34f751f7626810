import { evaluatedFiles } from './evaluated.js';
import { PYTORCH } from './pytorch.js';
import { R } from './r.js';
import { SKLEARN } from './sklearn.js';
import { starterFiles } from './starter.js';

export type TemplateName = 'sklearn' | 'python' | 'pytorch' | 'r' | 'node';

export interface TemplateFiles {
  readonly pipeline: string;
  readonly files: Readonly<Record<string, string>>;
  readonly later: string;
  /** What has to be installed besides the language itself. */
  readonly needs?: string | undefined;
}

const LATER = 'cp hello/february.csv hello/sales/';

/** The files of an example. Without a name it is one in Python that needs no packages. */
export function templateOf(name: TemplateName | undefined): TemplateFiles {
  const own = { pipeline: 'hello', later: LATER };
  switch (name) {
    case undefined:
      return { ...own, files: starterFiles('python') };
    case 'node':
      return { ...own, files: starterFiles('node') };
    case 'sklearn':
    case 'python':
      return { ...own, files: evaluatedFiles(SKLEARN), needs: SKLEARN.needs };
    case 'pytorch':
      return { ...own, files: evaluatedFiles(PYTORCH), needs: PYTORCH.needs };
    case 'r':
      return { ...own, files: evaluatedFiles(R), needs: R.needs };
  }
}
