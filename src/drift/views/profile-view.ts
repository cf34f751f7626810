import type { WindowSummary } from '../../domain/data/drift.js';
import type { TableProfile } from '../../domain/data/profile.js';
import type { View } from '../../domain/view.js';
import { dim, line, plural, strong } from '../../render/parts/parts.js';

/** The document of `profile export`. */
export const profileView = ({
  path,
  of,
  source,
  profile,
}: {
  readonly path: string;
  readonly of: NonNullable<WindowSummary['of']>;
  readonly source: string;
  readonly profile: TableProfile;
}): View => ({
  json: { path, reference: { of, source, rows: profile.rows }, columns: profile.columns.map((one) => one.name) },
  parts: [
    line(
      'wrote ',
      strong(path),
      dim(`  ${source}, ${plural(profile.rows, 'row')}, ${plural(profile.columns.length, 'column')}`),
    ),
    line(dim('it holds no rows, but values: quantiles, the most frequent categories, and ranges')),
    line(dim(`refit check-drift --reference ${path} --current <file>`)),
  ],
});

/** The document of `profile part`. */
export const partsView = ({
  read,
  left,
}: {
  readonly read: readonly string[];
  readonly left: readonly { readonly path: string; readonly code: string }[];
}): View => ({
  json: { read: [...read], left: left.map(({ path, code }) => ({ path, code })) },
  parts: [
    ...read.map((path) => line('read ', strong(path))),
    ...left.map(({ path, code }) =>
      line('left ', strong(path), dim(`  ${code}: whoever asked reads it again and says more`)),
    ),
  ],
});
