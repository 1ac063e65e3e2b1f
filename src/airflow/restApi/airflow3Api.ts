import type { AirflowApi, DagSummary, ImportErrorSummary } from './airflowApi.ts';
import type { HttpClient } from './httpClient.ts';
import { lineApi } from './lineApi.ts';
import { structuredLogLines } from './structuredLog.ts';

interface WireDag {
  readonly dag_id: string;
  readonly is_paused: boolean;
  readonly timetable_summary: string | null;
  readonly has_import_errors: boolean;
}

interface WireImportError {
  readonly filename: string;
  readonly bundle_name: string | null;
  readonly stack_trace: string;
}

/** Airflow 3: `/api/v2`. */
export function airflow3Api(client: HttpClient): AirflowApi {
  return lineApi<WireDag, WireImportError>(client, {
    root: '/api/v2',
    newestFirst: '-run_after',
    dag: dagSummary,
    importError,
    logType: 'application/x-ndjson',
    logLines: structuredLogLines,
    // Without a logical date a DAG may be triggered any number of times at once.
    triggerBody: (conf) => ({ conf, logical_date: null }),
  });
}

function importError(wire: WireImportError): ImportErrorSummary {
  // The name is relative to the bundle's folder; bundles are named after repositories.
  const file = wire.bundle_name === null ? wire.filename : `${wire.bundle_name}/${wire.filename}`;
  return { file, text: wire.stack_trace.trimEnd() };
}

function dagSummary(wire: WireDag): DagSummary {
  return {
    dagId: wire.dag_id,
    paused: wire.is_paused,
    ...(wire.timetable_summary === null ? {} : { schedule: wire.timetable_summary }),
    hasImportErrors: wire.has_import_errors,
  };
}
