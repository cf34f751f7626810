// The files of the tutorial, from its page and from the page that it takes evaluate.py from.
import { readPage } from './pages.js';

const FILE = /^<!-- file (\S+) -->\n```\w+\n([\s\S]*?)^```$/gm;
const EVALUATE = /^## scikit-learn\n\n```python\n([\s\S]*?)^```$/m;

export const ownProjectFiles = () => ({
  ...Object.fromEntries([...readPage('docs/own-project.md').matchAll(FILE)].map(([, path, text]) => [path, text])),
  'evaluate.py': EVALUATE.exec(readPage('docs/evaluation.md'))?.[1] ?? '',
});
