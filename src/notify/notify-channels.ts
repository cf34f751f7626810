import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';

/** Sends notices if `refit.yaml` has channels or a heartbeat. Loads the sending code only then, to keep other commands fast. */
export async function notifyChannels(services: Services, startedAt: Instant): Promise<void> {
  const settings = await loadWorkspaceSettings(services);
  if (settings.ok && settings.value.channels.length === 0 && settings.value.heartbeat === undefined) return;
  const { sendNotices } = await import('./send-notices.js');
  await sendNotices(services, startedAt);
}
