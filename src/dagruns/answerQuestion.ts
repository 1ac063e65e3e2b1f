import type { AskedQuestion } from './questions.ts';
import { connectToRunner } from './runConnection.ts';
import { runnerSocket, type RunnerSpec } from './runner.ts';

/** Has the preloaded process record an answer; the run that waits for it goes on. */
export async function answerQuestion(
  spec: RunnerSpec,
  request: Readonly<Record<string, unknown>>,
  { dag_id, run_id, task_id, map_index }: AskedQuestion,
  chosen: readonly string[],
): Promise<void> {
  const answer = { dag_id, run_id, task_id, map_index, chosen };
  const connection = await connectToRunner(runnerSocket(spec), { ...request, kind: 'answer', answer });
  if (connection === undefined) return;
  for await (const event of connection.events) if (event.event === 'exit') break;
  connection.close();
}
