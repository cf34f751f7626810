/** A difference between the published folder and the registry. */
export interface ServingFinding {
  readonly code: /** `current` is missing, points elsewhere, or is not a link. */
    | 'link-missing'
    | 'link-moved'
    | 'link-replaced'
    /** The served folder is missing, or its bytes are not those registered. */
    | 'folder-missing'
    | 'model-changed'
    /** The store does not have the bytes of the version that serves: nothing can be compared with it, and no machine can pull it. */
    | 'bytes-missing'
    /** `current.json` is missing or has other content. */
    | 'pointer-missing'
    | 'pointer-changed'
    /** A command was killed while publishing, or before deploy and verify had ended. */
    | 'publication-open'
    /** A pull was killed between the link and its record: the version serves, and the ledger does not say so. */
    | 'serving-unrecorded'
    | 'hook-owed'
    /** `deploy` or `verify` of the version that serves failed, and has not succeeded since. */
    | 'hook-failed'
    /** An entry of the ledger was changed. */
    | 'ledger-broken'
    /** An older registry was put in place: what serves, or the file beside the registry, knows of later moves. */
    | 'registry-rewound';
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  /** The command that repairs it. */
  readonly repair: string;
}
