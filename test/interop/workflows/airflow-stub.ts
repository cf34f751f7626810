/**
 * Airflow is not among Debian's packages, so a module of this test stands for it: it takes only the arguments that the operators of
 * Airflow 2.9 have, and prints what was called as JSON.
 */
export const AIRFLOW_STUB: Readonly<Record<string, string>> = {
  'stub/airflow/__init__.py': `import atexit, json
from datetime import timedelta
CALLS = {"dag": None, "tasks": [], "edges": []}

class DAG:
    def __init__(self, *, dag_id, schedule, start_date, catchup, max_active_runs):
        CALLS["dag"] = {"dag_id": dag_id, "schedule": schedule, "start_date": start_date.isoformat(), "catchup": catchup}
    def __enter__(self): return self
    def __exit__(self, *_): return False

class Operator:
    def __init__(self, kind, task_id, args):
        self.task_id = task_id
        plain = {k: v.total_seconds() if isinstance(v, timedelta) else v for k, v in args.items()}
        CALLS["tasks"].append({"kind": kind, "task_id": task_id, **plain})
    def __rrshift__(self, others):
        for other in others: CALLS["edges"].append([other.task_id, self.task_id])
        return self

atexit.register(lambda: print(json.dumps(CALLS, default=str)))
`,
  'stub/airflow/operators/__init__.py': '',
  'stub/airflow/operators/bash.py': `from airflow import Operator
class BashOperator(Operator):
    def __init__(self, *, task_id, bash_command, cwd, append_env, env, retries, retry_delay=None, retry_exponential_backoff=False,
                 execution_timeout=None, pool="default_pool", pool_slots=1, resources=None):
        args = dict(locals()); args.pop("self"); args.pop("task_id"); args.pop("__class__")
        super().__init__("bash", task_id, args)
`,
  'stub/airflow/providers/__init__.py': '',
  'stub/airflow/providers/docker/__init__.py': '',
  'stub/airflow/providers/docker/operators/__init__.py': '',
  'stub/airflow/providers/docker/operators/docker.py': `from airflow import Operator
class DockerOperator(Operator):
    def __init__(self, *, task_id, image, command, mounts, mount_tmp_dir, working_dir, auto_remove, environment, retries,
                 private_environment=None, cpus=1.0, mem_limit=None, device_requests=None, retry_delay=None,
                 retry_exponential_backoff=False, execution_timeout=None, pool="default_pool", pool_slots=1):
        args = dict(locals()); args.pop("self"); args.pop("task_id"); args.pop("__class__")
        super().__init__("docker", task_id, args)
`,
  'stub/docker/__init__.py': '',
  'stub/docker/types.py': `class Mount(dict):
    def __init__(self, *, source, target, type): super().__init__(source=source, target=target, type=type)
class DeviceRequest(dict):
    def __init__(self, *, count, capabilities): super().__init__(count=count, capabilities=capabilities)
`,
};
