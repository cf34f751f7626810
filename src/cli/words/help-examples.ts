/** One command line, and what it is for. */
export interface Example {
  readonly purpose: string;
  readonly line: string;
}

const example = (purpose: string, line: string): Example => ({ purpose, line });

/**
 * The examples that the help of each command ends with. Tests parse every line with the definitions of the commands, so that
 * none names an option that does not exist.
 */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  init: [
    example('a small pipeline with its own data, in this folder', 'refit init'),
    example('the same with steps in JavaScript, in a new folder', 'refit init sales --template node'),
  ],
  run: [
    example('run what is stale', 'refit run flights'),
    example(
      'train again with another parameter, two steps at a time',
      'refit run flights --force=train --param trees=80 --jobs 2',
    ),
  ],
  status: [example('all pipelines, the worst first', 'refit status'), example('one in full', 'refit status flights')],
  'check-drift': [
    example("the current window against the champion's reference", 'refit check-drift flights'),
    example('two files, without a workspace', 'refit check-drift --reference january.csv --current february.csv'),
  ],
  profile: [
    example(
      "the champion's reference, for a place where its rows may not be",
      'refit profile export flights -o p.json',
    ),
    example('and there', 'refit check-drift --reference p.json --current february.csv'),
  ],
  retrain: [
    example('decide, and train only if it is needed', 'refit retrain flights'),
    example('show what would be decided, and do nothing', 'refit retrain flights --dry-run'),
  ],
  why: [
    example('how the model that serves came to be', 'refit why flights-delay@champion'),
    example('the newest run', 'refit why latest'),
  ],
  rollback: [
    example('serve the previous version again', 'refit rollback flights-delay --reason "wrong prices"'),
    example('serve a version of your choice', 'refit rollback flights-delay --to 3 --reason "wrong prices"'),
  ],
  validate: [
    example('every pipeline of the workspace', 'refit validate'),
    example('one file', 'refit validate pipelines/flights.yaml'),
  ],
  schema: [example('let an editor check the pipeline file', 'refit schema > pipeline.schema.json')],
  plan: [
    example('what would run, and why', 'refit plan flights'),
    example('what would run on another day', 'refit plan flights --now 2026-02-01'),
  ],
  test: [example('does it run from nothing, and twice alike', 'refit test flights')],
  track: [
    example('record a command that no pipeline has', 'refit track -- python3 train.py --trees 40'),
    example('and make a pipeline of it', 'refit init --from latest'),
  ],
  runs: [
    example('the newest runs of one pipeline', 'refit runs flights --limit 5'),
    example('those that a condition selects', "refit runs --where 'metric.auc > 0.7 and trigger = drift'"),
  ],
  show: [example('the newest run', 'refit show latest')],
  logs: [
    example('what one step of the newest run printed', 'refit logs latest train'),
    example('go on printing while it runs', 'refit logs latest -f'),
  ],
  metrics: [
    example('metrics of the newest runs', 'refit metrics flights'),
    example('one metric as a chart', 'refit metrics flights --key auc --plot'),
  ],
  'check-data': [
    example('the datasets of a pipeline', 'refit check-data flights'),
    example(
      'a file; write its bad rows to another',
      'refit check-data new.csv --schema schema.yaml --quarantine bad.csv',
    ),
  ],
  resolve: [
    example('the data is right: end the hold', 'refit resolve f-20260201-1 --as normal --reason "new tariff"'),
    example('the data is wrong: leave its rows out', 'refit resolve f-20260201-1 --as bug --reason "broken sensor"'),
  ],
  event: [
    example('drift in these days is expected', 'refit event flights --from 2026-02-01 --until 2026-02-04 --name storm'),
  ],
  'check-performance': [
    example('has the model that serves got worse?', 'refit check-performance flights'),
    example(
      'a log of predictions, without a workspace',
      'refit check-performance log.csv --time at --prediction p --label y',
    ),
  ],
  'evaluate-detectors': [
    example(
      'how soon each detector finds a known change',
      'refit evaluate-detectors errors.csv --column wrong --changes 300',
    ),
  ],
  models: [
    example('all models and their versions', 'refit models'),
    example('one of them', 'refit models flights-delay'),
  ],
  note: [example('a note at a version', 'refit note flights-delay@3 "trained before the new tariff"')],
  promote: [
    example('serve a version if it passes the gate', 'refit promote flights-delay@3 --reason "better on delays"'),
  ],
  approve: [example('let a waiting version serve', 'refit approve flights-delay@3 --reason "reviewed by ana"')],
  reject: [example('refuse a waiting version', 'refit reject flights-delay@3 --reason "unfair to night flights"')],
  served: [
    example('what serves now', 'refit served flights-delay'),
    example('what served then', 'refit served flights-delay --at 2026-02-01'),
  ],
  delivery: [example('how fast changes arrive', 'refit delivery flights-delay --since 2026-01-01')],
  trigger: [
    example(
      'report an event; the same id never trains twice',
      'refit trigger flights --event new-data --id 2026-02-01',
    ),
  ],
  decisions: [
    example('the newest decisions', 'refit decisions flights --limit 5'),
    example('only holds', 'refit decisions --decision hold'),
  ],
  pause: [example('stop retraining', 'refit pause flights --reason "the feed is being moved"')],
  resume: [example('go on', 'refit resume flights --reason "the feed is back"')],
  review: [example('record a review', 'refit review flights --reason "checked by ana"')],
  backtest: [
    example(
      'what the policy would have done in a quarter',
      'refit backtest flights --from 2026-01-01 --to 2026-04-01 --every 7d',
    ),
  ],
  lineage: [
    example('what the model that serves was made from', 'refit lineage flights-delay@champion'),
    example('what was made from a file, as a picture', 'refit lineage data/may.csv --down --dot'),
  ],
  impact: [example('what a bad file has reached', 'refit impact data/may.csv')],
  diff: [
    example('two versions', 'refit diff flights-delay@2 flights-delay@3'),
    example('the newest run against the model that serves', 'refit diff @champion latest'),
  ],
  reproduce: [example('make a version again, and compare every byte', 'refit reproduce flights-delay@3')],
  report: [
    example('one page about a pipeline', 'refit report flights -o report.html'),
    example('the model card', 'refit report flights-delay@3 --card'),
  ],
  compare: [
    example('this branch against main', 'refit compare main'),
    example('the same as Markdown, for a pull request', 'refit compare main --md'),
  ],
  comment: [example('write the comparison at the pull request', 'refit comment main')],
  push: [example('send everything new to a folder that you share', 'refit push /mnt/team/flights')],
  pull: [example('get what others have pushed', 'refit pull /mnt/team/flights')],
  verify: [example('every stored byte', 'refit verify'), example('one version', 'refit verify flights-delay@3')],
  doctor: [example('what is broken', 'refit doctor'), example('repair it', 'refit doctor --repair')],
  schedule: [
    example('a line for your crontab', 'refit schedule flights --print cron'),
    example('install it for all pipelines', 'refit schedule --all --install cron'),
  ],
  gc: [
    example('what could be deleted', 'refit gc'),
    example('delete it, but keep five versions', 'refit gc --versions 5 --apply'),
  ],
  registry: [
    example('a copy while others work', 'refit registry backup registry-copy.db'),
    example('go on without a newer one that is lost', 'refit registry accept --reason "the disk died"'),
  ],
  notify: [example('the state of all channels', 'refit notify'), example('try one', 'refit notify team --test')],
  import: [
    example('a pipeline of DVC', 'refit import dvc.yaml'),
    example('runs and models of MLflow', 'refit import mlflow.db'),
  ],
  export: [
    example('gauges for Prometheus', 'refit export prometheus -o refit.prom'),
    example('the steps for Snakemake, without refit', 'refit export snakemake flights -o Snakefile'),
  ],
  completion: [
    example('complete commands and names in this shell (bash)', 'source <(refit completion bash)'),
    example('for every new shell (fish)', 'refit completion fish > ~/.config/fish/completions/refit.fish'),
  ],
  helper: [
    example('the file for scripts in Python', 'refit helper --print python > refit_helper.py'),
    example('the same for R', 'refit helper --print r > refit_helper.R'),
  ],
  man: [example('read the manual page', 'refit man > refit.1 && man ./refit.1')],
};

/** The end of a command's help. */
export const examplesText = (command: string): string => {
  const examples = EXAMPLES[command] ?? [];
  if (examples.length === 0) return '';
  return `\nExamples:\n${examples.map(({ purpose, line }) => `  # ${purpose}\n  ${line}`).join('\n')}`;
};
