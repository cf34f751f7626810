#!/usr/bin/env bash
# A Slurm cluster of its own on this machine, for tests: munged, slurmctld and three slurmd, none of which is a system service.
#
#   cluster.sh start FOLDER CONTROLLER_PORT NODE_PORT NODE_PORT NODE_PORT
#   cluster.sh slurmd FOLDER NODE     starts the daemon of one node again
#   REFIT_HIDDEN names a folder that the nodes do not see: for them it is empty, but for a disk of 64 KiB, small.
#   cluster.sh stop FOLDER            ends every process that FOLDER has a pid of
set -euo pipefail

command=$1
folder=$2
export SLURM_CONF="$folder/slurm.conf"

# Slurm trusts what munge signs: a key and a socket of the cluster's own.
start_munge() {
  mkdir -p "$folder/munge"
  head -c 1024 /dev/urandom >"$folder/munge/key"
  chmod 400 "$folder/munge/key"
  chmod 711 "$folder/munge"
  munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge.pid" \
    --seed-file="$folder/munge/seed" --log-file="$folder/munge/log" --num-threads=2
}

# task/none, linuxproc: no cgroups. accounting_storage/none: no database. cred_expire: how long a requeued job has to wait.
write_configuration() {
  local controller=$1
  shift
  local node=1
  {
    cat <<CONF
ClusterName=refit-test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$controller
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=50
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1,bf_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=gpu
JobRequeue=1
KillWait=${KILL_WAIT:-5}
MinJobAge=${MIN_JOB_AGE:-300}
SlurmctldTimeout=30
SlurmdTimeout=5
InactiveLimit=0
ReturnToService=2
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.%n.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
CONF
    for port in "$@"; do
      echo "NodeName=n$node NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$port CPUs=8 RealMemory=16000 Gres=gpu:2 Feature=kind$node"
      node=$((node + 1))
    done
    echo 'PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1'
    echo 'PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10'
  } >"$SLURM_CONF"
  # v1 by name: finding out would fail where /sys/fs/cgroup is read-only
  printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\nConstrainCores=no\nConstrainRAMSpace=no\n' >"$folder/cgroup.conf"
  printf 'Name=gpu File=/dev/null\nName=gpu File=/dev/zero\n' >"$folder/gres.conf"
}

start_node() {
  if [ -z "${REFIT_HIDDEN:-}" ]; then
    slurmd -N "$1"
  else
    unshare --mount sh -c 'mount -t tmpfs none "$REFIT_HIDDEN" && mkdir "$REFIT_HIDDEN/small" &&
      mount -t tmpfs -o size=64k none "$REFIT_HIDDEN/small" && exec slurmd -N "$1"' sh "$1"
  fi
}

wait_for_nodes() {
  for _ in $(seq 200); do
    if [ "$(sinfo --noheader --Node --partition=main --format=%T 2>/dev/null | grep -c idle)" = "$1" ]; then return; fi
    sleep 0.1
  done
  tail -n 5 "$folder"/*.log >&2
  return 1
}

# A zombie that nobody reaps has ended.
is_running() { [ -r "/proc/$1/stat" ] && ! grep -q ') Z' "/proc/$1/stat" 2>/dev/null; }

end() {
  local pid
  [ -s "$1" ] || return 0
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 50); do
    is_running "$pid" || return 0
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
}

case $command in
start)
  shift 2
  mkdir -p "$folder/state" "$folder"/spool.n{1,2,3}
  chmod 755 "$folder"
  start_munge
  write_configuration "$@"
  slurmctld -c
  for name in n1 n2 n3; do start_node "$name"; done
  wait_for_nodes 3
  ;;
slurmd)
  start_node "$3"
  ;;
stop)
  # A job would outlive its slurmd.
  jobs=$(timeout 5 squeue --noheader --format=%A 2>/dev/null | sort -u || true)
  if [ -n "$jobs" ]; then timeout 10 scancel --signal=KILL --full $jobs 2>/dev/null || true; timeout 10 scancel $jobs 2>/dev/null || true; fi
  for _ in $(seq 50); do
    [ -z "$(timeout 2 squeue --noheader 2>/dev/null)" ] && break
    sleep 0.1
  done
  for file in "$folder"/slurmd.*.pid; do end "$file"; done
  end "$folder/slurmctld.pid"
  end "$folder/munge.pid"
  ;;
esac
