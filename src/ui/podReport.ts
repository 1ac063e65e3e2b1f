import { formatDuration } from './duration.ts';
import { alignRows } from './table.ts';

interface PodRow {
  readonly name: string;
  readonly task: string | undefined;
  readonly phase: string;
  readonly reason: string | undefined;
  readonly createdAt: number;
}

/** One line a pod, and below it why it does not run. @param now milliseconds since the epoch. */
export function podReport(pods: readonly PodRow[], now: number): readonly string[] {
  if (pods.length === 0) return ['No pods.'];
  const lines = alignRows(
    pods.map((pod) => [pod.phase, pod.name, pod.task ?? '', `${formatDuration(now - pod.createdAt)} ago`]),
  );
  return pods.flatMap((pod, index) => [
    lines[index] ?? '',
    ...(pod.reason === undefined ? [] : [`  ${pod.reason}`]),
  ]);
}
