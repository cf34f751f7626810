import type { Pages } from '../../domain/ports/pages.js';
import { createPicture } from './browser.js';

/** `folder`: where files of a picture may lie. `beforeServing` is called before a page is served. */
export const createPages = (folder: () => string, beforeServing?: () => void): Pages => ({
  serve: async (page) => {
    beforeServing?.();
    // Loaded here: node:http takes 3 ms, and few commands serve a page.
    const { servePage } = await import('./serve-page.js');
    return servePage(page);
  },
  picture: createPicture(folder),
});
