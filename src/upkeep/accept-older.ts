import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { acceptRegistry } from '../serving/rewound-registry.js';
import { acceptedView } from './views/upkeep-view.js';

/** Takes a registry that is older than what serves for the right one, because the newer one is lost. */
export const acceptOlder = async (services: Services, reason: string): Promise<Result<View, Failure>> =>
  ok(acceptedView(await acceptRegistry(services, reason), reason));
