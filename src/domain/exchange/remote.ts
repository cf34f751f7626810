/** Target of push and pull, from `refit.yaml` or the command line. */
export type RemoteTarget =
  | {
      readonly kind: 'folder';
      /** Absolute, or relative to the workspace root. */
      readonly path: string;
    }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Without a slash at either end. Empty for the whole bucket. */
      readonly prefix: string;
      readonly endpoint?: string;
      readonly region?: string;
    };

/** The URL of a remote. Never contains credentials. */
export const remoteUrl = (target: RemoteTarget): string =>
  target.kind === 'folder' ? target.path : `s3://${target.bucket}${target.prefix === '' ? '' : `/${target.prefix}`}`;

/** Parses a folder path or `s3://bucket/prefix`. `undefined` for other kinds of address. */
export function parseRemoteUrl(
  url: string,
  more: { readonly endpoint?: string; readonly region?: string } = {},
): RemoteTarget | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(url);
  if (scheme === null) return { kind: 'folder', path: url };
  const [bucket = '', ...prefix] = (scheme[2] ?? '').split('/');
  if (scheme[1] !== 's3' || bucket === '') return undefined;
  return { kind: 's3', bucket, prefix: prefix.filter((part) => part !== '').join('/'), ...more };
}
