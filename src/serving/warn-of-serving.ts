import type { Services } from '../domain/ports/services.js';
import { checkServing } from './check-serving.js';
import { declaredPipelines } from './judge-pulled.js';

type Dependencies = Pick<Services, 'registry' | 'files' | 'artifacts' | 'locks' | 'memo' | 'datasets' | 'emit'>;

/**
 * Says where the registry and what a server finds differ, for commands that answer from the registry alone. Without `model` for
 * every model of the workspace.
 */
export async function warnOfServing(services: Dependencies, model?: string): Promise<void> {
  for (const [name, pipeline] of await declaredPipelines(services)) {
    if (pipeline === 'invalid' || (model !== undefined && name !== model)) continue;
    for (const { code, path, expected, found, repair } of await checkServing(services, pipeline)) {
      // the commands check these themselves
      if (code === 'ledger-broken' || code === 'registry-rewound') continue;
      services.emit({ type: 'warning', code, text: `${path}: expected ${expected}, found ${found}: ${repair}` });
    }
  }
}
