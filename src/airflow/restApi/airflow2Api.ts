import type { AirflowApi, DagSummary } from './airflowApi.ts';
import type { HttpClient } from './httpClient.ts';
import { lineApi } from './lineApi.ts';

interface WireDag {
  readonly dag_id: string;
  readonly is_paused: boolean | null;
  readonly schedule_interval: WireSchedule | null;
  readonly timetable_description: string | null;
  readonly has_import_errors: boolean;
}

type WireSchedule =
  | { readonly __type: 'CronExpression'; readonly value: string }
  | { readonly __type: 'TimeDelta'; readonly days: number; readonly seconds: number }
  | { readonly __type: 'RelativeDelta' };

interface WireImportError {
  readonly filename: string;
  readonly stack_trace: string;
}

/** Airflow 2: `/api/v1`. */
export function airflow2Api(client: HttpClient): AirflowApi {
  return lineApi<WireDag, WireImportError>(client, {
    root: '/api/v1',
    newestFirst: '-execution_date',
    dag: dagSummary,
    importError: (wire) => ({ file: wire.filename, text: wire.stack_trace.trimEnd() }),
    logType: 'text/plain',
    // The first line is the name of the host.
    logLines: (text) => text.trimEnd().split('\n').slice(1),
    triggerBody: (conf) => ({ conf }),
  });
}

function dagSummary(wire: WireDag): DagSummary {
  const schedule = scheduleOf(wire);
  return {
    dagId: wire.dag_id,
    paused: wire.is_paused ?? false,
    ...(schedule === undefined ? {} : { schedule }),
    hasImportErrors: wire.has_import_errors,
  };
}

function scheduleOf({
  schedule_interval: schedule,
  timetable_description: words,
}: WireDag): string | undefined {
  if (schedule === null) return undefined;
  if (schedule.__type === 'CronExpression') return schedule.value;
  if (schedule.__type !== 'TimeDelta') return words ?? undefined;
  const { days, seconds } = schedule;
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const time = clock
    .map((each, index) => (index === 0 ? String(each) : String(each).padStart(2, '0')))
    .join(':');
  // As Airflow 3 and Python write it.
  return days === 0 ? time : `${days} day${days === 1 ? '' : 's'}, ${time}`;
}
