import type { Question, RunEvent } from './events.ts';

/** A question, and the DAG run that waits for it. */
export type AskedQuestion = Question & { readonly dag_id: string; readonly run_id: string };

/** One question at a time is asked, until it is answered here or elsewhere, or the run ends. */
export class Questions {
  readonly #ask: (question: AskedQuestion, signal: AbortSignal) => Promise<void>;
  readonly #waiting: AskedQuestion[] = [];
  #run = { dag_id: '', run_id: '' };
  #asking: { readonly question: AskedQuestion; readonly controller: AbortController } | undefined;

  constructor(ask: (question: AskedQuestion, signal: AbortSignal) => Promise<void>) {
    this.#ask = ask;
  }

  follow(event: RunEvent): void {
    if (event.event === 'run_started') this.#run = { dag_id: event.dag_id, run_id: event.run_id };
    else if (event.event === 'input_needed') {
      this.#waiting.push({ ...event, ...this.#run });
      this.#next();
    } else if (event.event === 'task_started' && this.#isAsked(event)) this.#asking?.controller.abort();
  }

  close(): void {
    this.#waiting.length = 0;
    this.#asking?.controller.abort();
  }

  #isAsked({ task_id, map_index }: { readonly task_id: string; readonly map_index: number }): boolean {
    const asked = this.#asking?.question;
    return asked?.task_id === task_id && asked.map_index === map_index;
  }

  #next(): void {
    if (this.#asking !== undefined) return;
    const question = this.#waiting.shift();
    if (question === undefined) return;
    const controller = new AbortController();
    this.#asking = { question, controller };
    // Without an answer the run goes on waiting: it can be answered elsewhere.
    void this.#ask(question, controller.signal)
      .catch(() => undefined)
      .finally(() => {
        this.#asking = undefined;
        this.#next();
      });
  }
}
