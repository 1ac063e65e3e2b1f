import type { DagSummary, TaskInstanceSummary } from '../../airflow/restApi/airflowApi.ts';
import type { ServiceView } from '../../stack/events.ts';
import { taskKey, visibleDags, type DagsState, type DashboardState } from './model.ts';

/** While none was chosen, one that has failed: its last lines are what a person needs. */
export function selectedService({ model, selectedService }: DashboardState): ServiceView | undefined {
  const services = model.stack?.services ?? [];
  return (
    services.find(({ name }) => name === selectedService) ??
    services.find(({ status }) => status === 'failed') ??
    services[0]
  );
}

/** On the deeper levels it is the one whose run is shown, whatever the filter says. */
export function selectedDag(dags: DagsState): DagSummary | undefined {
  const among = dags.level === 'list' ? visibleDags(dags) : (dags.list ?? []);
  return (
    among.find(({ dagId }) => dagId === dags.selectedDag) ?? (dags.level === 'list' ? among[0] : undefined)
  );
}

export function selectedTask({ tasks, selectedTask }: DagsState): TaskInstanceSummary | undefined {
  return tasks?.find((each) => taskKey(each) === selectedTask) ?? tasks?.[0];
}
