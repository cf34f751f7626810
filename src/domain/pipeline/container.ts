/** Programs that run a step in its `image`, in the order in which they are searched for. */
export const CONTAINER_ENGINES = ['podman', 'docker', 'apptainer'] as const;
export type ContainerEngine = (typeof CONTAINER_ENGINES)[number];

/** The digest in the name of an image: the content that the name stands for, whatever is asked. `undefined` for a tag. */
export const digestIn = (image: string): string | undefined => /@sha256:([0-9a-f]{64})$/.exec(image)?.[1];

/** An image that is a file of the workspace: only Apptainer runs it. */
export const isImageFile = (image: string): boolean => image.endsWith('.sif');

/** `container` in `refit.yaml`. */
export interface ContainerSettings {
  /** Absent: the first that is found. */
  readonly engine?: ContainerEngine;
  /** Further options for the command that starts a container. */
  readonly options: readonly string[];
}

/** The images that the steps of a run name. */
export interface StepImages {
  /** What the settings say; the nodes of a cluster search for an engine themselves. */
  readonly settings: ContainerSettings;
  /** Of this machine; absent where nothing had to be asked here. */
  readonly engine?: ContainerEngine;
  /** From the name in the pipeline file to what the engine is given: the id of the image, or for Apptainer a file. */
  readonly references: ReadonlyMap<string, string>;
  /** From the name in the pipeline file to the hash of the image's content. Part of the fingerprint. */
  readonly ids: ReadonlyMap<string, string>;
}
