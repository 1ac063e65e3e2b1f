import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterName } from '../../src/kubernetes/clusterPlace.ts';
import { until } from './support/inspect.ts';
import { createProject, type RunOptions, type RunResult, type TestProject } from './support/project.ts';
import { logTexts, outcome, taskError } from './support/runs.ts';
import { service, stackOf, up } from './support/stack.ts';

/** A node image of the engine; see CONTRIBUTING.md. */
const NODE_IMAGE = process.env['DEVENV_TEST_NODE_IMAGE'] ?? '';
const MINUTES = 60_000;
const docker = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)('docker', [...args])).stdout;

const configuration = (airflow: string): string => `
airflow: {version: ${airflow}}
kubernetes:
  image: ${NODE_IMAGE}
  namespace: airflow-ml
  nodes:
    - labels: {amd.com/gpu.vram: 64G}
      resources: {amd.com/gpu: 1}
  volumes:
    - {claim: model-training, class: ceph-rbd-ssd, size: 20Gi}
  priority_classes: [low-priority-pod]
`;

const DAG = `
from datetime import datetime
try:
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

def train(task_id, gpus="1", vram="64G", **arguments):
    return KubernetesPodOperator(
        task_id=task_id,
        name=task_id,
        image="debian:bookworm-slim",
        cmds=["bash", "-c"],
        arguments=["set -e; echo trained > /models/{{ dag.dag_id }}; ls -ln /models; id"],
        volumes=[k8s.V1Volume(name="models", persistent_volume_claim=k8s.V1PersistentVolumeClaimVolumeSource(claim_name="model-training"))],
        volume_mounts=[k8s.V1VolumeMount(name="models", mount_path="/models")],
        node_selector={"amd.com/gpu.vram": vram},
        priority_class_name="low-priority-pod",
        container_resources=k8s.V1ResourceRequirements(limits={"cpu": "500m", "memory": "128Mi", "amd.com/gpu": gpus}),
        security_context=k8s.V1PodSecurityContext(fs_group=900, run_as_user=1000),
        **arguments,
    )

for name, arguments in {
    "deferred": {"deferrable": True, "in_cluster": True},
    "waiting": {"in_cluster": True},
    "by_default": {},
    "two_gpus": {"gpus": "2", "in_cluster": True, "startup_timeout_seconds": 8},
}.items():
    with DAG(name, start_date=datetime(2026, 1, 1), schedule=None):
        train("train", **arguments)
`;

let project: TestProject;
let ownKubeconfig: string;

beforeAll(async () => {
  if (NODE_IMAGE === '') throw new Error('DEVENV_TEST_NODE_IMAGE names no node image: see CONTRIBUTING.md');
  project = await createProject({ airflow: '3.3.2', files: { 'dags/pods.py': DAG } });
  await project.write({ 'devenv.yaml': configuration('3.3.2') });
  const home = path.join(path.dirname(project.root), 'home');
  await mkdir(path.join(home, '.kube'), { recursive: true });
  ownKubeconfig = path.join(home, '.kube', 'config');
  await writeFile(ownKubeconfig, 'a person’s own, not even YAML: {');
}, 5 * MINUTES);

afterAll(async () => {
  await project?.devenv(['down', '--all', '--volumes'], { timeout: 2 * MINUTES });
  await project?.[Symbol.asyncDispose]();
}, 3 * MINUTES);

test(
  'up makes the cluster with its labelled GPU node, and a deferred pod of in_cluster trains into the volume',
  async () => {
    const stack = await up(project, [], { env: { KUBECONFIG: ownKubeconfig } });
    expect(service(stack, 'kubernetes').status).toBe('ready');
    const loaded = await project.devenv(['image', 'load', 'debian:bookworm-slim'], { timeout: 2 * MINUTES });
    expect(loaded).toMatchObject({ code: 0 });
    const result = await run('deferred');
    expect(outcome(result), output(result)).toEqual({ exit: 0, run: 'success', tasks: { train: 'success' } });
    const model = path.join(project.root, '.devenv', 'volumes', 'model-training', 'deferred');
    expect(readFileSync(model, 'utf8')).toBe('trained\n');
    expect(statSync(model)).toMatchObject({ uid: 1000, gid: 900 });
  },
  8 * MINUTES,
);

test(
  'the same operators without deferral, and without in_cluster, find the cluster on both lines',
  async () => {
    for (const name of ['waiting', 'by_default']) {
      const result = await run(name);
      expect(outcome(result), output(result)).toMatchObject({ exit: 0, run: 'success' });
    }
    await project.write({ 'devenv.yaml': configuration('2.11.2') });
    for (const name of ['deferred', 'by_default']) {
      const result = await run(name);
      expect(outcome(result), output(result)).toMatchObject({ exit: 0, run: 'success' });
    }
    await project.write({ 'devenv.yaml': configuration('3.3.2') });
  },
  8 * MINUTES,
);

test(
  'a pod that asks for more than there is fails, and devenv pods says why in the words of the scheduler',
  async () => {
    const started = project.start(['run-dag', 'dags/pods.py', '--dag-id', 'two_gpus'], {
      timeout: 3 * MINUTES,
    });
    let pods = '';
    await until(
      async () => {
        pods = (await project.devenv(['pods'])).stdout;
        return pods.includes('Insufficient amd.com/gpu');
      },
      () => pods,
      MINUTES,
    );
    expect(pods).toContain('two_gpus.train');
    expect((await started.ended).code).toBe(1);
  },
  4 * MINUTES,
);

test(
  'down stops the node, up continues with it and repairs what was changed; a removed one is made again',
  async () => {
    const node = `${clusterName(project.root)}-control-plane`;
    const created = await docker('inspect', '-f', '{{.Created}}', node);
    expect((await project.devenv(['down'], { timeout: 2 * MINUTES })).code).toBe(0);
    expect(await docker('inspect', '-f', '{{.State.Running}}', node)).toBe('false\n');
    await up(project);
    expect(await docker('inspect', '-f', '{{.Created}}', node)).toBe(created);
    const capacity = await project.devenv([
      'kubectl',
      'get',
      'node',
      '-o',
      'jsonpath={..status.allocatable}',
    ]);
    expect(capacity.stdout).toContain('"amd.com/gpu":"1"');

    await docker('rm', '-f', '-v', node);
    await until(
      async () => service(await stackOf(project), 'kubernetes').status !== 'ready',
      async () => JSON.stringify(await stackOf(project)),
      MINUTES,
    );
    await up(project);
    expect(await docker('inspect', '-f', '{{.Created}}', node)).not.toBe(created);
    expect(readFileSync(path.join(project.root, '.devenv/volumes/model-training/deferred'), 'utf8')).toBe(
      'trained\n',
    );
  },
  8 * MINUTES,
);

test(
  "down --volumes removes the node, keeps the files and never touches a person's own kubeconfig",
  async () => {
    const removed = await project.devenv(['down', '--volumes'], { timeout: 2 * MINUTES });
    expect(removed.stderr).toContain('cluster: removed');
    expect(await docker('ps', '-a', '--filter', `name=${clusterName(project.root)}`, '-q')).toBe('');
    expect(readFileSync(ownKubeconfig, 'utf8')).toBe('a person’s own, not even YAML: {');
    const error = await project.devenv(['kubectl', 'get', 'pods'], {
      env: { DOCKER_HOST: 'unix:///nowhere' },
    });
    expect(error.code).not.toBe(0);
  },
  3 * MINUTES,
);

function run(dag: string, options: RunOptions = {}): Promise<RunResult> {
  return project.runDag(['dags/pods.py', '--dag-id', dag], {
    timeout: 4 * MINUTES,
    env: { KUBECONFIG: ownKubeconfig },
    ...options,
  });
}

function output(result: RunResult): string {
  return [...logTexts(result), result.stderr, JSON.stringify(taskErrorOf(result))].join('\n');
}

function taskErrorOf(result: RunResult): unknown {
  try {
    return taskError(result, 'train');
  } catch {
    return undefined;
  }
}
