/** Where push and pull go, as `refit.yaml` or the command line names it. */
export type RemoteTarget =
  | {
      readonly kind: 'folder';
      /** Absolute, or seen from the workspace root. */
      readonly path: string;
    }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Without a slash at either end; empty: the whole bucket. */
      readonly prefix: string;
      readonly endpoint?: string;
      readonly region?: string;
    };

/** Whose entries a remote's log is trusted for, and who signs here; paths as `refit.yaml` has them. */
export interface RemoteTrust {
  /** A file in the form of OpenSSH's allowed_signers. Absent: whoever can write to the remote is trusted. */
  readonly signers?: string;
  readonly signingKey?: string;
}

export type ConfiguredRemote = RemoteTarget & RemoteTrust;

/** How it is written: no credentials are in it. */
export const remoteUrl = (target: RemoteTarget): string =>
  target.kind === 'folder' ? target.path : `s3://${target.bucket}${target.prefix === '' ? '' : `/${target.prefix}`}`;

/** A folder's path or `s3://bucket/prefix`; `undefined` when it is an address of another kind. */
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
