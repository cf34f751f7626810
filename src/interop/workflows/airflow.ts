import { shellQuote } from '../../domain/support/shell-quote.js';
import { headerOf, plainNames, type Task, type Workflow } from './task.js';

/** A DAG for Airflow 2 and 3. Tasks run in the workspace, as a worker sees it; those with an image run in Docker. */
export function airflowDag(workflow: Workflow): string {
  const { tasks, pipeline, schedule, root } = workflow;
  const names = plainNames(tasks, '_');
  const nameOf = (name: string): string => names.get(name) ?? name;
  const hasImages = tasks.some(({ image }) => image !== undefined);
  return [
    ...headerOf(workflow).map((line) => `# ${line}`),
    'from datetime import datetime, timedelta',
    '',
    'from airflow import DAG',
    ...(tasks.some(({ image }) => image === undefined)
      ? [
          'try:',
          '    from airflow.providers.standard.operators.bash import BashOperator',
          'except ImportError:  # Airflow 2',
          '    from airflow.operators.bash import BashOperator',
        ]
      : []),
    ...(hasImages
      ? ['from airflow.providers.docker.operators.docker import DockerOperator', 'from docker.types import Mount']
      : []),
    '',
    `WORKSPACE = ${python(root)}`,
    'RUN = {"REFIT_NOW": "{{ (data_interval_end or logical_date) | ts }}", "REFIT_RUN_ID": "{{ run_id }}", "REFIT_ATTEMPT": "{{ ti.try_number }}"}',
    '',
    'with DAG(',
    `    dag_id=${python(pipeline)},`,
    `    schedule=${schedule === undefined ? 'None' : python(schedule.cron)},`,
    `    start_date=${startDate(schedule?.timezone)},`,
    '    catchup=False,',
    '    max_active_runs=1,',
    ') as dag:',
    ...tasks.flatMap((task) => operator(task, nameOf(task.name)).map((line) => `    ${line}`)),
    ...tasks.flatMap(({ name, needs }) =>
      needs.length === 0 ? [] : [`    [${needs.map(nameOf).join(', ')}] >> ${nameOf(name)}`],
    ),
    '',
  ].join('\n');
}

const startDate = (timezone: string | undefined): string =>
  timezone === undefined
    ? 'datetime(2024, 1, 1)'
    : `datetime(2024, 1, 1, tzinfo=__import__("zoneinfo").ZoneInfo(${python(timezone)}))`;

function operator(task: Task, name: string): readonly string[] {
  const { retries, timeoutS } = task;
  const common = [
    `task_id=${python(name)},`,
    `retries=${retries.count},`,
    ...(retries.count === 0
      ? []
      : [
          `retry_delay=timedelta(seconds=${retries.delayMs / 1000}),`,
          ...(retries.backoff === 'exponential' ? ['retry_exponential_backoff=True,'] : []),
        ]),
    ...(timeoutS === undefined ? [] : [`execution_timeout=timedelta(seconds=${timeoutS}),`]),
    ...pool(task),
  ];
  const own = task.image === undefined ? bash(task) : docker(task, task.image);
  return [
    `${name} = ${task.image === undefined ? 'BashOperator' : 'DockerOperator'}(`,
    ...[...common, ...own].map((line) => `    ${line}`),
    ')',
  ];
}

/** Airflow replaces `{{ … }}` in commands and variables. A text that could end the block of raw text has its braces as values. */
function raw(text: string): string {
  if (!/\{[{%#]/.test(text)) return text;
  return text.includes('endraw') ? text.replaceAll(/\{(?=[{%#])/g, '{{ "{" }}') : `{% raw %}${text}{% endraw %}`;
}

/** A command that ends with `.sh` would be taken for the name of a template. */
const rawCommand = (script: string): string => `${raw(script)}\n`;

/** What is not in `env` comes from the worker. */
function bash(task: Task): readonly string[] {
  const { cpus, memoryBytes, gpus } = task.resources;
  const resources = {
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryBytes === undefined ? {} : { ram: Math.ceil(memoryBytes / 2 ** 20) }),
    ...(gpus === undefined ? {} : { gpus }),
  };
  const renamed = task.given.filter(({ name, from }) => name !== from);
  return [
    `bash_command=${python(rawCommand(`exec sh -eu -c ${shellQuote(renamedLines(renamed) + task.script)}`))},`,
    'cwd=WORKSPACE,',
    'append_env=True,',
    `env={**RUN${Object.entries(task.env)
      .map(([key, value]) => `, ${python(key)}: ${python(raw(value))}`)
      .join('')}},`,
    ...(Object.keys(resources).length === 0 ? [] : [`resources=${python(resources)},`]),
  ];
}

const renamedLines = (renamed: Task['given']): string =>
  renamed.map(({ name, from }) => `export ${name}="\${${from}:?}"\n`).join('');

function docker(task: Task, image: string): readonly string[] {
  const { cpus, memoryBytes, gpus } = task.resources;
  const given = task.given.map(({ name, from }) => `, ${python(name)}: __import__("os").environ[${python(from)}]`);
  return [
    `image=${python(image)},`,
    `command=["sh", "-eu", "-c", ${python(rawCommand(task.script))}],`,
    'mounts=[Mount(source=WORKSPACE, target=WORKSPACE, type="bind")],',
    'mount_tmp_dir=False,',
    'working_dir=WORKSPACE,',
    'auto_remove="force",',
    `environment={**RUN${Object.entries(task.env)
      .map(([key, value]) => `, ${python(key)}: ${python(raw(value))}`)
      .join('')}},`,
    ...(given.length === 0 ? [] : [`private_environment={${given.join('').slice(2)}},`]),
    ...(cpus === undefined ? [] : [`cpus=${cpus},`]),
    ...(memoryBytes === undefined ? [] : [`mem_limit=${python(String(memoryBytes))},`]),
    ...(gpus === undefined
      ? []
      : [`device_requests=[__import__("docker").types.DeviceRequest(count=${gpus}, capabilities=[["gpu"]])],`]),
  ];
}

/** A task takes slots of one pool. */
function pool({ resources: { others } }: Task): readonly string[] {
  const [first] = Object.entries(others);
  return first === undefined ? [] : [`pool=${python(first[0])},`, `pool_slots=${first[1]},`];
}

/** Strings, numbers and flat objects are spelled the same in JSON and in Python. */
const python = (value: string | Readonly<Record<string, number>>): string => JSON.stringify(value);
