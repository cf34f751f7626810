#!/usr/bin/env node
// Runs the command of a step on the node of a cluster, or carries its files into a pod and out. refit submits it; people never call it.
import '../dist/bundle/job.js';
