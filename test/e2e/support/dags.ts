/** The first lines of DAG files that are valid on both lines of Airflow. */
export const DAG_HEADER = `
from __future__ import annotations
import datetime, os, signal, subprocess, sys, time
from pathlib import Path
try:
    from airflow.sdk import DAG, BaseOperator, Variable, dag, task
except ImportError:
    from airflow.decorators import dag, task
    from airflow.models import BaseOperator, DAG, Variable
START = datetime.datetime(2024, 1, 1)
`;

/** A DAG whose id is the given one, with one task \`work\` of these lines. */
export function oneTaskDag(dagId: string, body: string, arguments_ = ''): string {
  const lines = body
    .trim()
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n');
  return `${DAG_HEADER}
@dag(dag_id=${JSON.stringify(dagId)}, schedule=None, start_date=START)
def make():
    @task(${arguments_})
    def work():
${lines}
    work()

instance = make()
`;
}
