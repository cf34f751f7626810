#!/usr/bin/env node
// Runs the command of a step on the node of a cluster. refit submits it; people never call it.
import '../dist/bundle/job.js';
