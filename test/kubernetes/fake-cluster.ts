import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1/Job';
import type { Document } from '../support/rig.js';
import { type Container, environmentOf, startContainer } from './fake-kubelet.js';

/** An answer that is no object: the status code, a reason in one word, and words. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** Scaled down, so that tests do not wait for what a cluster takes its time for. */
const GRACE_MS = 1500;
const NODE = 'node-1';

interface Pod {
  readonly object: Document;
  readonly logPath: string;
  container?: Container;
  /** The containers that run beside it. */
  readonly beside: Map<string, Container>;
  /** The folder that holds its empty volumes. */
  volume?: string;
  /** The container of the step has ended. */
  isStepOver?: boolean;
  /** Its end as another part of the cluster wants it, instead of the exit of its command. */
  verdict?: {
    readonly reason: string;
    readonly message?: string;
    readonly phaseReason?: string;
    readonly isKept?: boolean;
  };
}

/** The state of a cluster with one node, and what its controllers do: jobs make pods, pods run and end, late jobs are failed. */
export class FakeCluster {
  readonly jobs = new Map<string, Document>();
  readonly pods = new Map<string, Pod>();
  /** Every Job that was ever taken, in order. */
  readonly created: Document[] = [];
  readonly secrets: Record<string, Record<string, string>> = {};
  /** Holds what its pods print, and their volumes. */
  readonly folder = mkdtempSync(join(tmpdir(), 'refit-kubernetes-'));
  /** Images that no registry has. */
  readonly unpullable = new Set<string>();
  /** Of a pod that has something to send. */
  sendingGraceMs = 30_000;
  /** No node has room. */
  isFull = false;
  /** What the node says of commands that it cannot run. */
  cannotRun?: string;
  /** Why containers beside that of the step do not start. */
  stuckBeside?: { readonly reason: string; readonly message: string };
  /** Volumes cannot be mounted: no container is made, and nothing is said. */
  isUnmountable = false;
  /** Controllers do nothing: a Job stays without a pod. */
  isAsleep = false;
  private readonly timers = new Set<NodeJS.Timeout>();
  private count = 0;

  create(job: Document): Document {
    new Job(job).validate();
    const { name, labels } = job.metadata;
    if (this.jobs.has(name)) throw new Refusal(409, 'AlreadyExists', `jobs.batch "${name}" already exists`);
    const object = {
      ...job,
      metadata: { ...job.metadata, uid: `uid-${++this.count}`, labels, creationTimestamp: now() },
      status: { startTime: now() },
    };
    this.jobs.set(name, object);
    this.created.push(object);
    const { activeDeadlineSeconds: seconds } = job.spec;
    if (seconds !== undefined) this.later(seconds * 1000, () => this.failLate(name));
    if (!this.isAsleep) this.later(20, () => this.makePod(object));
    return object;
  }

  /** With `Foreground` the Job stays until its pods have ended. */
  remove(name: string): Document {
    const job = this.jobs.get(name);
    if (job === undefined) throw new Refusal(404, 'NotFound', `jobs.batch "${name}" not found`);
    job.metadata.deletionTimestamp ??= now();
    this.endPodsOf(name);
    this.sweep(name);
    return job;
  }

  podsOf(job: string): readonly Pod[] {
    return [...this.pods.values()].filter(({ object }) => object.metadata.labels['job-name'] === job);
  }

  /** The only pod that runs. */
  running(): Pod {
    const [pod] = [...this.pods.values()].filter(({ object }) => object.status.phase === 'Running');
    if (pod === undefined) throw new Error('no pod runs');
    return pod;
  }

  /** What the scheduler, a drain or a node that shuts down does to a pod. */
  disrupt(pod: Pod, reason: string, { isForgotten = false } = {}): void {
    pod.object.status.conditions.push({ type: 'DisruptionTarget', status: 'True', reason, message: 'it had to go' });
    pod.verdict = { reason: 'Error', isKept: !isForgotten };
    this.endPod(pod);
  }

  outOfMemory(pod: Pod): void {
    pod.verdict = { reason: 'OOMKilled', isKept: true };
    pod.container?.stop(0);
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    for (const { container, beside } of this.pods.values())
      for (const one of [container, ...beside.values()]) one?.stop(0);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  private makePod(job: Document): void {
    const { name } = job.metadata;
    if (!this.jobs.has(name) || job.metadata.deletionTimestamp !== undefined) return;
    const id = `${name}-${String(++this.count).padStart(5, '0')}`;
    const { metadata, spec } = job.spec.template;
    const object: Document = {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        ...metadata,
        name: id,
        namespace: job.metadata.namespace,
        labels: { ...metadata.labels, 'job-name': name },
        creationTimestamp: now(),
      },
      spec,
      status: { phase: 'Pending', conditions: [] },
    };
    const pod: Pod = { object, logPath: join(this.folder, `${id}.log`), beside: new Map() };
    this.pods.set(id, pod);
    this.schedule(pod);
  }

  private schedule(pod: Pod): void {
    const { status, spec } = pod.object;
    if (status.phase !== 'Pending' || this.pods.get(pod.object.metadata.name) !== pod) return;
    const message = '0/1 nodes are available: 1 Insufficient cpu.';
    status.conditions = this.isFull
      ? [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }]
      : [];
    if (this.isFull) {
      this.later(50, () => this.schedule(pod));
      return;
    }
    pod.object.spec = { ...spec, nodeName: NODE };
    this.start(pod);
  }

  private start(pod: Pod): void {
    const { spec, status, metadata } = pod.object;
    if (metadata.deletionTimestamp !== undefined) return;
    const [fetch] = spec.initContainers ?? [];
    if (fetch !== undefined && pod.volume === undefined) {
      this.fetch(pod, fetch);
      return;
    }
    const [container, ...others] = spec.containers;
    const env = environmentOf(container, this.secrets, NODE);
    const waiting = this.obstacle(container.image, env);
    if (waiting !== undefined || typeof env === 'string') {
      status.containerStatuses = [{ name: container.name, state: { waiting } }];
      this.later(50, () => this.start(pod));
      return;
    }
    if (this.isUnmountable) {
      status.containerStatuses = [{ name: container.name, state: { waiting: { reason: 'ContainerCreating' } } }];
      this.later(50, () => this.start(pod));
      return;
    }
    const startedAt = now();
    status.phase = 'Running';
    const state = this.stuckBeside === undefined ? { running: { startedAt } } : { waiting: this.stuckBeside };
    status.containerStatuses = [
      { name: container.name, state: { running: { startedAt } } },
      ...others.map(({ name }: Document) => ({ name, state })),
    ];
    this.startStep(pod, container, env);
    if (this.stuckBeside === undefined) this.startOthers(pod, others, startedAt);
    if (this.cannotRun === undefined) return;
    pod.verdict = { reason: 'StartError', message: this.cannotRun, isKept: true };
    this.ended(pod, 128, startedAt);
  }

  private startStep(pod: Pod, container: Document, env: Readonly<Record<string, string>>): void {
    if (this.cannotRun !== undefined) return;
    const { volume, logPath } = pod;
    const startedAt = now();
    pod.container = startContainer(container, { logPath, env, outer: imageOf(container, this.folder), volume });
    void pod.container.ended.then((code) => this.ended(pod, code, startedAt));
  }

  private startOthers(pod: Pod, others: readonly Document[], startedAt: string): void {
    const { status } = pod.object;
    for (const other of others) {
      const started = this.startBeside(pod, other);
      void started.ended.then((exitCode) => {
        const { reason } = exitCode === 0 ? { reason: 'Completed' } : { reason: 'Error' };
        const terminated = { exitCode, reason, startedAt, finishedAt: now() };
        setState(status.containerStatuses, other.name, { terminated });
        pod.beside.delete(other.name);
        this.finish(pod);
      });
    }
  }

  /** Fills the volume of a pod, and starts its containers then. */
  private fetch(pod: Pod, container: Document): void {
    const { status } = pod.object;
    const env = environmentOf(container, this.secrets, NODE);
    const waiting = this.obstacle(container.image, env);
    status.containerStatuses = [{ name: 'step', state: { waiting: { reason: 'PodInitializing' } } }];
    if (waiting !== undefined) {
      status.initContainerStatuses = [{ name: container.name, state: { waiting } }];
      this.later(50, () => this.start(pod));
      return;
    }
    pod.volume = join(this.folder, `${pod.object.metadata.name}.volume`);
    for (const { name, emptyDir } of pod.object.spec.volumes)
      if (emptyDir !== undefined) mkdirSync(join(pod.volume, name), { recursive: true });
    const startedAt = now();
    status.initContainerStatuses = [{ name: container.name, state: { running: { startedAt } } }];
    void this.startBeside(pod, container).ended.then((exitCode) => {
      pod.beside.delete(container.name);
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      const terminated = { exitCode, reason, startedAt, finishedAt: now() };
      status.initContainerStatuses = [{ name: container.name, state: { terminated } }];
      if (exitCode === 0 && pod.object.metadata.deletionTimestamp === undefined) this.start(pod);
      else this.isOver(pod, exitCode === 0 ? 143 : exitCode);
    });
  }

  private startBeside(pod: Pod, container: Document): Container {
    const env = environmentOf(container, this.secrets, NODE);
    if (typeof env === 'string') throw new Error(env);
    const logPath = join(this.folder, `${pod.object.metadata.name}.${container.name}.log`);
    const { volume } = pod;
    const started = startContainer(container, { logPath, env, outer: imageOf(container, this.folder), volume });
    pod.beside.set(container.name, started);
    return started;
  }

  private obstacle(image: string, env: object | string): { reason: string; message: string } | undefined {
    if (!/^[a-z0-9][\w./:@-]*$/.test(image))
      return { reason: 'InvalidImageName', message: `couldn't parse image name "${image}"` };
    if (this.unpullable.has(image)) return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
    return typeof env === 'string' ? { reason: 'CreateContainerConfigError', message: env } : undefined;
  }

  private ended(pod: Pod, exitCode: number, startedAt: string): void {
    const { status, spec } = pod.object;
    const reason = pod.verdict?.reason ?? (exitCode === 0 ? 'Completed' : 'Error');
    const terminated = { exitCode, reason, message: pod.verdict?.message, startedAt, finishedAt: now() };
    pod.isStepOver = true;
    status.containerStatuses ??= [];
    setState(status.containerStatuses, spec.containers[0].name, { terminated });
    this.finish(pod);
  }

  /** A pod is over when all of its containers are. */
  private finish(pod: Pod): void {
    if (pod.isStepOver !== true || pod.beside.size > 0) return;
    const codes = pod.object.status.containerStatuses.map(({ state }: Document) => state.terminated?.exitCode ?? 0);
    this.isOver(pod, codes.find((code: number) => code !== 0) ?? 0);
  }

  private isOver(pod: Pod, exitCode: number): void {
    const { status, metadata } = pod.object;
    status.phase = exitCode === 0 ? 'Succeeded' : 'Failed';
    if (pod.verdict?.phaseReason !== undefined) status.reason = pod.verdict.phaseReason;
    const name = metadata.labels['job-name'];
    if (metadata.deletionTimestamp !== undefined && pod.verdict?.isKept !== true) this.pods.delete(metadata.name);
    const job = this.jobs.get(name);
    if (job === undefined) return;
    // The controller of jobs is a moment later than the kubelet.
    this.later(50, () => {
      job.status.conditions ??= [
        exitCode === 0
          ? { type: 'Complete', status: 'True' }
          : { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached the limit' },
      ];
      this.sweep(name);
    });
  }

  private endPodsOf(job: string): void {
    for (const pod of this.podsOf(job)) this.endPod(pod);
  }

  private endPod(pod: Pod): void {
    pod.object.metadata.deletionTimestamp ??= now();
    const running = [pod.isStepOver === true ? undefined : pod.container, ...pod.beside.values()].filter(
      (one) => one !== undefined,
    );
    if (pod.container === undefined && running.length === 0) this.pods.delete(pod.object.metadata.name);
    for (const one of running) one.stop(pod.volume === undefined ? GRACE_MS : this.sendingGraceMs);
  }

  private failLate(name: string): void {
    const job = this.jobs.get(name);
    if (job === undefined || job.status.conditions !== undefined) return;
    const message = 'Job was active longer than specified deadline';
    this.endPodsOf(name);
    // `Failed` follows when all pods have ended.
    const late = { status: 'True', reason: 'DeadlineExceeded', message };
    job.status.conditions = [{ type: 'FailureTarget', ...late }];
    const finish = (): void => {
      if (this.podsOf(name).some(isRunning)) this.later(50, finish);
      else job.status.conditions.push({ type: 'Failed', ...late });
    };
    finish();
  }

  /** A Job that was deleted goes when its pods have ended. */
  private sweep(name: string): void {
    if (this.jobs.get(name)?.metadata.deletionTimestamp === undefined) return;
    const pods = this.podsOf(name);
    if (pods.some(isRunning)) return;
    for (const { object } of pods) this.pods.delete(object.metadata.name);
    this.jobs.delete(name);
  }
}

const isRunning = ({ object, beside }: Pod): boolean => object.status.phase === 'Running' || beside.size > 0;

/** What an image sets. One with refit in its name has its program on the PATH; time goes by fast in a hasty one. */
function imageOf({ image }: Document, folder: string): Record<string, string> {
  const base = { PATH: process.env.PATH ?? '', HOME: '/', OF_IMAGE: image };
  if (image.includes('hasty')) return withProgram(base, join(folder, 'hasty'), { sleep: '/bin/true' });
  if (!image.includes('refit')) return base;
  return withProgram(base, join(folder, 'bin'), { 'refit-job': join(import.meta.dirname, '../../bin/refit-job.js') });
}

function withProgram<T extends { readonly PATH: string }>(
  base: T,
  bin: string,
  programs: Readonly<Record<string, string>>,
): T {
  mkdirSync(bin, { recursive: true });
  for (const [name, program] of Object.entries(programs))
    if (!existsSync(join(bin, name))) symlinkSync(program, join(bin, name));
  return { ...base, PATH: `${bin}:${base.PATH}` };
}

function setState(statuses: Document[], name: string, state: Document): void {
  const there = statuses.find((one) => one.name === name);
  if (there === undefined) statuses.push({ name, state });
  else there.state = state;
}

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
