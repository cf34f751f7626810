import { isAtOrBelow } from '../domain/support/paths.js';
import { realPathBelow, realPlace } from './containment.js';

/** Where a link may lead: the workspace, and the roots that refit.yaml allows. The one answer for all that follows links. */
export interface Reach {
  readonly has: (realPath: string) => boolean;
  /** Real paths of the allowed roots. */
  readonly roots: () => readonly string[];
  /** Files and folders that the command line names. */
  readonly allow: (paths: readonly string[]) => void;
  /** Tells once a path that a link there is not followed. */
  readonly tellSkipped: (path: string, realPath: string) => void;
  /** Tells once a path that a link there leads nowhere. */
  readonly tellBroken: (path: string) => void;
}

/** Links to folders that are followed in folders that were reached through links: they can multiply the paths without end. */
export const MOST_NESTED_LINKS = 300;

/** `roots` is asked only where a link leads out of the workspace. `tell`: names a link that is not followed. */
export function createReach(
  root: string,
  roots: () => readonly string[] = () => [],
  tell: (text: string) => void = () => undefined,
): Reach {
  let realRoots: readonly string[] | undefined;
  const real = realPlace(root);
  const told = new Set<string>();
  const named: string[] = [];
  const rootsOnce = (): readonly string[] => {
    realRoots ??= roots().map(realPlace);
    return realRoots;
  };
  const tellOnce = (path: string, text: string): void => {
    if (told.has(path)) return;
    told.add(path);
    if (told.size <= MOST_TOLD) tell(told.size === MOST_TOLD ? 'more links are not followed' : text);
  };
  const reach: Reach = {
    roots: rootsOnce,
    has: (path) => {
      if (isAtOrBelow(path, real)) return true;
      return [...rootsOnce(), ...named].some((one) => realPathBelow(one, path) !== undefined);
    },
    allow: (paths) => void named.push(...paths.map(realPlace)),
    tellSkipped: (path, leadsTo) =>
      tellOnce(
        path,
        reach.has(leadsTo)
          ? `${path} leads to ${leadsTo}, through too many links in linked folders: it is not followed; link fewer folders`
          : `${path} leads to ${leadsTo}, outside the workspace: it is not followed; list its folder under "roots" in refit.yaml if it should be`,
      ),
    tellBroken: (path) =>
      tellOnce(path, `${path} is a link that leads nowhere: it is left out; bring back what it leads to, or remove it`),
  };
  return reach;
}

const MOST_TOLD = 10;
