import { expect, test } from 'vitest';
import { builtImageName, fullImageName } from '../../src/kubernetes/images/imageName.ts';

test('a name is completed as container runtimes complete it', () => {
  expect(fullImageName('debian')).toBe('docker.io/library/debian:latest');
  expect(fullImageName('me/job:1')).toBe('docker.io/me/job:1');
  expect(fullImageName('registry.example.org/ml/job')).toBe('registry.example.org/ml/job:latest');
  expect(fullImageName('localhost:5000/job:1')).toBe('localhost:5000/job:1');
  expect(fullImageName('localhost/job@sha256:00')).toBe('localhost/job@sha256:00');
});

test('an image that is built does not take the name of production’s in the engine', () => {
  const name = builtImageName('devenv-shop', 'registry.example.org/ml/pipelines:Train-1');
  expect(name).toBe('airflow-devenv/devenv-shop/pipelines:train-1');
});
