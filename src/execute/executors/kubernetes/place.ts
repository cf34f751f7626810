import type { KubernetesSettings } from '../../../domain/pipeline/kubernetes.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { MINUTE_MS } from '../../../domain/support/time.js';
import { type EngineServices, runEngine } from '../../containers/run-engine.js';

/** Where jobs run. kubectl needs these to find them again. */
export type ClusterPlace = Pick<KubernetesSettings, 'context' | 'namespace'>;

interface Config {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context?: { readonly namespace?: string } }[] | null;
}

/**
 * Fills in what the settings leave to the kubeconfig. The kubeconfig is read once, because somebody may change the current
 * context while jobs run. In a pod without a kubeconfig nothing is filled in, and nothing can change.
 */
export function createPlaces(
  services: EngineServices,
): (wanted: ClusterPlace) => Promise<Result<ClusterPlace, string>> {
  let asked: Promise<Config | undefined> | undefined;
  return async ({ context, namespace }) => {
    if (context !== undefined && namespace !== undefined) return ok({ context, namespace });
    asked ??= readConfig(services);
    const config = await asked;
    if (config === undefined) return err('kubectl cannot read its configuration: type "kubectl config view"');
    const name = context ?? config['current-context'] ?? '';
    if (name === '') return ok({ context, namespace });
    const own = config.contexts?.find((one) => one.name === name)?.context?.namespace ?? '';
    return ok({ context: name, namespace: namespace ?? (own === '' ? 'default' : own) });
  };
}

async function readConfig(services: EngineServices): Promise<Config | undefined> {
  const argv = ['kubectl', 'config', 'view', '--output=json'];
  const env = services.surroundings.env();
  const asked = await runEngine(services, 'kubectl', argv, { timeoutMs: MINUTE_MS, isEnding: true, env });
  if (!asked.ok || !asked.value.isGood) return undefined;
  const { text } = asked.value;
  try {
    // Warnings may precede the value.
    return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Config;
  } catch {
    return undefined;
  }
}
