#!/usr/bin/env node
// Kept to what old versions of Node understand: they must be able to say that they are too old.
const NEEDED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `error node-too-old refit needs Node ${NEEDED.join('.')} or newer, and ${process.execPath} is ${process.versions.node}\n` +
      '  → install a newer Node (conda install -c conda-forge nodejs, brew install node, or https://nodejs.org), then install refit again with its npm\n',
  );
  process.exitCode = 1;
} else await import('../dist/bundle/main.js').catch(explain);

function explain(error) {
  // Node needs a descriptor for each file of refit that it loads, also for those that would say this.
  if (error.code === 'EMFILE' || error.code === 'ENFILE') {
    process.stderr.write(
      `error too-many-open-files ${error.message}\n  → raise the limit (ulimit -n), or run fewer programs at a time\n`,
    );
    process.exitCode = 1;
    return;
  }
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('main.js')) throw error;
  process.stderr.write(
    'error not-built this is a checkout of refit that is not built\n  → run "npm ci && npm run build" in it\n',
  );
  process.exitCode = 1;
}
