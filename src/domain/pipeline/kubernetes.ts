import type { JsonObject } from '../support/json.js';

/** A volume that the pods of jobs mount. */
export type Volume =
  | { readonly claim: string; readonly subPath?: string }
  /** A folder of the node. */
  | { readonly hostPath: string };

export type MountedVolume = Volume & {
  /** Absolute. */
  readonly mount: string;
  readonly isReadOnly?: boolean;
};

/** What `refit.yaml` says about Jobs of Kubernetes. */
export interface KubernetesSettings {
  /** Of the kubeconfig; without it the current one. */
  readonly context?: string;
  readonly namespace?: string;
  /** For steps that name no image. It counts in no fingerprint. */
  readonly image?: string;
  readonly serviceAccount?: string;
  readonly imagePullSecrets?: readonly string[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** As Kubernetes has them. */
  readonly tolerations?: readonly JsonObject[];
  readonly labels?: Readonly<Record<string, string>>;
  /** The volume that holds the workspace, which refit's machine sees too. */
  readonly workspace?: Volume;
  /** `store`: the pods have no such volume. */
  readonly staging?: 'shared' | 'store';
  /** Through which remote of `refit.yaml` inputs and outputs then go. */
  readonly remote?: string;
  /** An image with refit, for the containers that carry them. */
  readonly stagingImage?: string;
  /** The Secret whose keys become variables of these containers: what opens the remote. */
  readonly stagingSecret?: string;
  /** Numbers. Without them, files belong to the user of refit. */
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly volumes?: readonly MountedVolume[];
  /** Where the cluster keeps the value of a secret of a step, by the name of its variable. */
  readonly secrets?: Readonly<Record<string, { readonly secret: string; readonly key: string }>>;
  /** The resource that `gpus` counts. */
  readonly gpu?: string;
  /** How long an image may fail to be pulled, or a container to be made. */
  readonly startWithinMs?: number;
  /** How long a Job that is over stays. */
  readonly keepMs?: number;
}
