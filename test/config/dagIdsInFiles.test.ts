import path from 'node:path';
import { expect, test } from 'vitest';
import { dagIdsInFiles } from '../../src/config/dagIdsInFiles.ts';
import { makeTree } from './tree.ts';

test('ids are found as authors write them, each once and in order', async () => {
  const root = await makeTree({
    'dags/a.py':
      'with DAG("orders", schedule=None):\n    pass\nwith DAG(\n    dag_id="returns",\n):\n    pass\n',
    'dags/team/b.py': '@dag(schedule=None, params=dict(a=1))\ndef ship_parcels():\n    pass\n',
    'dags/c.py': '@dag(dag_id="by-name")\n@other\ndef function():\n    pass\n\n@dag\ndef bare():\n    pass\n',
    'dags/d.py': "with DAG('orders'):\n    pass\nNAME = 'x'\nDAG(NAME)\n",
  });
  expect(await dagIdsInFiles([path.join(root, 'dags')])).toEqual([
    'bare',
    'by-name',
    'orders',
    'returns',
    'ship_parcels',
  ]);
});

test('a folder that is not there has none', async () => {
  expect(await dagIdsInFiles(['/nowhere'])).toEqual([]);
});
