import type { View, ViewPart } from '../../domain/view.js';
import { dim, line, strong } from '../../render/parts/parts.js';

interface Template {
  readonly folder: string;
  readonly pipeline: string;
  /** How new data arrives, as a command. */
  readonly later: string;
  /** What has to be installed, if anything. */
  readonly needs: string | undefined;
}

/** The document of `init` for an example. */
export const templateView = (files: readonly string[], { folder, pipeline, later, needs }: Template): View => ({
  json: { files: [...files], pipeline, decided: [], fill_in: [], left_out: [] },
  parts: [
    ...written(files),
    ...(needs === undefined ? [] : [line(dim('needs: '), needs)]),
    line(
      'next:  ',
      strong(`${into(folder)}refit run ${pipeline}`),
      dim(`, then refit promote ${pipeline}@1 --reason "first", then refit why ${pipeline}`),
    ),
    line(
      dim(`later: a new month lands with ${later}; see refit check-drift ${pipeline}, and `),
      dim(`refit retrain ${pipeline}`),
    ),
  ],
});

interface OfProject {
  readonly name: string;
  readonly decided: readonly string[];
  readonly fillIn: readonly string[];
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
  readonly hasModel: boolean;
  readonly isMonitored: boolean;
  readonly folder: string;
  readonly file: string;
}

const MOST_LEFT_OUT = 6;

/** The document of `init` for a project: what was decided, and what a person has to add. */
export function projectView(files: readonly string[], project: OfProject): View {
  const { name, decided, fillIn, leftOut, folder, file } = project;
  return {
    json: {
      files: [...files],
      pipeline: name,
      decided: [...decided],
      fill_in: [...fillIn],
      left_out: leftOut.map(({ path, why }) => ({ path, why })),
    },
    parts: [
      ...written(files),
      ...block('decided', decided),
      ...block(
        'left out',
        leftOut.slice(0, MOST_LEFT_OUT).map(({ path, why }) => `${path}: ${why}`),
      ),
      ...(leftOut.length > MOST_LEFT_OUT ? [line(dim(`  … and ${leftOut.length - MOST_LEFT_OUT} more (--json)`))] : []),
      ...block(`fill in (${file})`, fillIn),
      line('next:  ', strong(`${into(folder)}refit run ${name}`), dim(nextAfterRun(project))),
    ],
  };
}

const nextAfterRun = ({ name, hasModel, isMonitored }: OfProject): string => {
  if (!hasModel) return ', then name the model in the file';
  const watch = isMonitored ? `, later refit check-drift ${name} and refit retrain ${name}` : '';
  return `, then refit promote ${name}@1 --reason "first"${watch}`;
};

const into = (folder: string): string => (folder === '.' ? '' : `cd ${folder} && `);

const written = (files: readonly string[]): readonly ViewPart[] => files.map((file) => line(dim('wrote '), file));

const block = (title: string, lines: readonly string[]): readonly ViewPart[] =>
  lines.length === 0 ? [] : [line(title), ...lines.map((text) => line(dim('  '), text))];
