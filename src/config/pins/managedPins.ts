import type { Pin, PinFinder } from './pin.ts';

/** Cloud Composer and MWAA: the environment in Terraform, CloudFormation, and composer-dev's own file. */
export const managedPins: PinFinder = {
  reads: (file) =>
    /(?:^|\/)(?:[^/]*(?:composer|mwaa|airflow)[^/]*|environment|main)\.(?:tf|json|ya?ml)$/i.test(file),
  find: (text) => text.split('\n').flatMap(versionOf),
};

function versionOf(line: string, index: number): Pin[] {
  const image = /composer-\d+(?:\.\d+)*(?:-build\.\d+)?-airflow-(\d+\.\d+\.\d+)/.exec(line)?.[1];
  const setting = /\b["']?(?:airflow_version|AirflowVersion)["']?\s*[:=]\s*["']?(\d+\.\d+\.\d+)/.exec(
    line,
  )?.[1];
  const airflow = image ?? setting;
  return airflow === undefined ? [] : [{ airflow, line: index + 1 }];
}
