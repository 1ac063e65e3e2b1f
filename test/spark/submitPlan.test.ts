import { expect, test } from 'vitest';
import { describePlan } from '../../src/spark/describePlan.ts';
import { planSubmission } from '../../src/spark/submitPlan.ts';
import { GIB, plan, planText, submission, SURROUNDINGS } from './plans.ts';

const CLUSTER = ['--master', 'yarn', '--deploy-mode', 'cluster'];

test('the whole plan of a job with a virtual environment, as text', () => {
  expect(
    planText([
      ...CLUSTER,
      ...['--archives', 'hdfs://analytics-hadoop/cache/job-1.0.tgz#venv', '--files', 'data/words.txt'],
      ...['--conf', 'spark.pyspark.python=./venv/bin/python', '--queue', 'production'],
      ...['--executor-memory', '20G', '--executor-cores', '4', '--num-executors', '64'],
      ...['--conf', 'spark.app.password=hunter2', '--name', 'words'],
      ...['venv/bin/count.py', '--wiki', 'enwiki'],
    ]),
  ).toMatchInlineSnapshot(`
    "master            local[4]
    working directory /run/container
    unpack hdfs://analytics-hadoop/cache/job-1.0.tgz to /run/container/venv
    copy /dags/data/words.txt to /run/container/words.txt
    run spark-submit --properties-file … /run/container/venv/bin/count.py --wiki enwiki
    environment PYSPARK_DRIVER_PYTHON=/run/container/venv/bin/python
    environment PYSPARK_PYTHON=/run/container/venv/bin/python
    environment SPARK_LOCAL_IP=127.0.0.1
    environment SPARK_LOCAL_DIRS=/run/local
    setting spark.app.name=words
    setting spark.app.password=*********(redacted)
    setting spark.driver.bindAddress=127.0.0.1
    setting spark.driver.host=127.0.0.1
    setting spark.driver.memory=8192m
    setting spark.files=/run/container/words.txt
    setting spark.hadoop.javax.jdo.option.ConnectionURL=jdbc:derby:;databaseName=/state/metastore;create=true
    setting spark.master=local[4]
    setting spark.sql.streaming.checkpointFileManagerClass=org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager
    setting spark.sql.warehouse.dir=/state/warehouse
    setting spark.ui.showConsoleProgress=false
    spark.master=yarn becomes local[4]: there is no YARN here
    spark.submit.deployMode=cluster is left out: the job runs in one process on this machine
    spark.executor.cores=4 is left out: in local mode the driver does the work of the executors
    spark.executor.memory=20G is left out: in local mode the driver does the work of the executors
    spark.executor.instances=64 is left out: in local mode the driver does the work of the executors
    spark.yarn.queue=production is left out: there is no YARN here"
  `);
});

test('threads are what was asked for, and no more than the machine has', () => {
  expect(plan([...CLUSTER, '--num-executors', '3', 'x.py']).master).toBe('local[3]');
  expect(plan([...CLUSTER, '--num-executors', '3', '--executor-cores', '8', 'x.py']).master).toBe('local[4]');
  expect(plan([...CLUSTER, 'x.py']).master).toBe('local[4]');
  expect(plan([...CLUSTER, 'x.py'], { master: 'local[2]' }).master).toBe('local[2]');
});

test.each([
  [[], 16, '1024m'],
  [['--driver-memory', '2g'], 16, '2048m'],
  [['--driver-memory', '2g', '--executor-memory', '4g'], 16, '4096m'],
  [['--executor-memory', '20g'], 16, '8192m'],
  [['--conf', 'spark.driver.memory=3072'], 16, '3072m'],
  [['--driver-memory', 'rubbish'], 16, '1024m'],
  [['--driver-memory', '2g'], 1, '512m'],
] as const)('%j on %d GiB gives a heap of %s', (words, gibibytes, heap) => {
  const machine = { cores: 2, memoryBytes: gibibytes * GIB };
  const { settings } = plan([...CLUSTER, ...words, 'x.py'], { machine });
  expect(settings.get('spark.driver.memory')).toBe(heap);
});

test('settings of a cluster are left out, and each says why', () => {
  const words = [
    'spark.yarn.maxAppAttempts=1',
    'spark.dynamicAllocation.enabled=true',
    'spark.shuffle.service.enabled=true',
    'spark.eventLog.enabled=true',
    'spark.authenticate=true',
    'spark.network.crypto.enabled=true',
    'spark.kerberos.access.hadoopFileSystems=hdfs://x',
    'spark.executor.resource.gpu.amount=1',
    'spark.hadoop.dfs.nameservices=analytics-hadoop',
    'spark.sql.adaptive.enabled=true',
  ];
  const made = plan([...CLUSTER, ...words.flatMap((each) => ['--conf', each]), 'x.py']);
  const kept = [...made.settings.keys()];
  expect(kept).toContain('spark.sql.adaptive.enabled');
  for (const word of words.slice(0, -1)) {
    const setting = word.split('=')[0] ?? '';
    expect(kept).not.toContain(setting);
    expect(made.changes).toContainEqual(expect.objectContaining({ setting, to: undefined }));
  }
});

test('catalogs and class paths of spark-defaults.conf are left out, those of the job stay', () => {
  const defaults = {
    'spark.master': 'yarn',
    'spark.sql.extensions': 'org.example.Extensions',
    'spark.jars': '/usr/lib/cluster.jar',
    'spark.sql.files.maxPartitionBytes': '1000',
  };
  const asked = submission(['--conf', 'spark.sql.catalog.mine=org.example.Mine', 'x.py'], { defaults });
  const { settings } = planSubmission(asked, SURROUNDINGS);
  expect(settings.get('spark.sql.catalog.mine')).toBe('org.example.Mine');
  expect(settings.get('spark.sql.files.maxPartitionBytes')).toBe('1000');
  expect(settings.has('spark.sql.extensions')).toBe(false);
  expect(settings.has('spark.jars')).toBe(false);
});

test('thousands of partitions become a few, and devenv.yaml has the last word', () => {
  const words = [...CLUSTER, '--conf', 'spark.sql.shuffle.partitions=16384', 'x.py'];
  const key = 'spark.sql.shuffle.partitions';
  expect(plan(words).settings.get(key)).toBe('16');
  expect(plan(words, { settings: { [key]: '16384' } }).settings.get(key)).toBe('16384');
});

test('in cluster mode the driver runs in the container’s folder with the master’s variables', () => {
  const words = [...CLUSTER, '--conf', 'spark.yarn.appMasterEnv.WIKI=enwiki', 'jobs/x.py', 'in.txt'];
  const made = plan(words);
  expect(made.workingDirectory).toBe('/run/container');
  expect(made.environment).toMatchObject({ WIKI: 'enwiki', PYSPARK_PYTHON: '/spark/bin/python' });
  expect(made.arguments).toEqual(['/dags/jobs/x.py', 'in.txt']);
  expect(made.workerScript).toBeUndefined();
});

test('in client mode the driver stays where it is, and the workers find what was sent to them', () => {
  const words = ['--master', 'yarn', '--archives', 'env.tgz#venv', '--files', '/data/a.txt', 'x.py'];
  const made = plan(words, {
    env: { PATH: '/usr/bin', PYSPARK_PYTHON: './venv/bin/python', PYSPARK_DRIVER_PYTHON: 'python3' },
  });
  expect(made.workingDirectory).toBe('/dags');
  expect(made.environment).toMatchObject({
    PYSPARK_DRIVER_PYTHON: '/usr/bin/python3',
    PYSPARK_PYTHON: '/run/worker-python',
  });
  expect(made.workerScript?.text).toContain("cd '/run/container' && exec '/run/container/venv/bin/python'");
});

test('an interpreter of the cluster that is not here is replaced and named', () => {
  const made = plan([...CLUSTER, '--conf', 'spark.pyspark.python=/opt/conda/bin/python3', 'x.py']);
  expect(made.environment['PYSPARK_DRIVER_PYTHON']).toBe('/spark/bin/python');
  expect(describePlan(made).filter((line) => line.includes('/opt/conda'))).toHaveLength(1);
});

test('places on the cluster do not become variables here', () => {
  const words = ['HADOOP_CONF_DIR=/etc/hadoop/conf', 'JAVA_HOME=/usr/lib/jvm/java-8', 'LANG=C.UTF-8'];
  const conf = words.flatMap((each) => ['--conf', `spark.yarn.appMasterEnv.${each}`]);
  const { environment } = plan([...CLUSTER, ...conf, 'x.py']);
  expect(Object.keys(environment)).toContain('LANG');
  expect(Object.keys(environment)).not.toContain('HADOOP_CONF_DIR');
  expect(Object.keys(environment)).not.toContain('JAVA_HOME');
});

test('archives, files and jars of both names are brought, HDFS’ ones fetched', () => {
  const made = plan([
    ...CLUSTER,
    ...['--archives', 'a.zip', '--conf', 'spark.yarn.dist.archives=hdfs:///b.tar.gz#b'],
    ...['--conf', 'spark.yarn.dist.files=file:///data/with%20space.txt#plain.txt'],
    ...['--jars', 'lib/x.jar,hdfs:///jars/y.jar', '--py-files', 'hdfs:///p.zip,q.py'],
    'hdfs://analytics-hadoop/jobs/x.py',
  ]);
  expect(made.placements).toEqual([
    { source: '/dags/a.zip', target: '/run/container/a.zip', kind: 'archive' },
    { source: 'hdfs:///b.tar.gz', target: '/run/container/b', kind: 'archive' },
    { source: '/data/with space.txt', target: '/run/container/plain.txt', kind: 'file' },
    { source: 'hdfs:///jars/y.jar', target: '/run/fetched/y.jar', kind: 'file' },
    { source: 'hdfs:///p.zip', target: '/run/fetched/p.zip', kind: 'file' },
    { source: 'hdfs://analytics-hadoop/jobs/x.py', target: '/run/fetched/x.py', kind: 'file' },
  ]);
  expect(made.settings.get('spark.jars')).toBe('/dags/lib/x.jar,/run/fetched/y.jar');
  expect(made.settings.get('spark.submit.pyFiles')).toBe('/run/fetched/p.zip,/dags/q.py');
  expect(made.settings.get('spark.files')).toBe('/run/container/plain.txt');
  expect(made.arguments).toEqual(['/run/fetched/x.py']);
});

test('a pattern stands for the files that it matches', () => {
  const { placements } = plan([...CLUSTER, '--files', 'data/*.csv', 'x.py']);
  expect(placements.map(({ target }) => target)).toEqual(['/run/container/a.csv', '/run/container/b.csv']);
});

test('a percent sign in a file’s address may stand for itself', () => {
  const { placements } = plan([...CLUSTER, '--files', 'file:///data/100%.txt,file:///data/a%23b', 'x.py']);
  expect(placements.map(({ source }) => source)).toEqual(['/data/100%.txt', '/data/a#b']);
});

test('an alias cannot lead out of the container’s folder', () => {
  const made = plan([...CLUSTER, '--archives', 'a.zip#../../escape', '--files', 'b#/etc/passwd', 'x.py']);
  for (const { target } of made.placements) expect(target).toMatch(/^\/run\/container\/[^/]/);
});

test('the class that keeps streaming checkpoints without a FileContext is the version’s own', () => {
  const key = 'spark.sql.streaming.checkpointFileManagerClass';
  const of = (sparkVersion: string) => plan([...CLUSTER, 'x.py'], { sparkVersion }).settings.get(key);
  expect(of('3.5.5')).toContain('.streaming.FileSystemBased');
  expect(of('4.0.1')).toContain('.streaming.FileSystemBased');
  expect(of('4.1.0')).toContain('.streaming.checkpointing.FileSystemBased');
});

test('options of an older JVM do not keep a newer one from starting', () => {
  const { settings } = plan([...CLUSTER, '--driver-java-options', '-XX:+UseConcMarkSweepGC -Da=b', 'x.py']);
  expect(settings.get('spark.driver.extraJavaOptions')).toBe(
    '-XX:+IgnoreUnrecognizedVMOptions -XX:+UseConcMarkSweepGC -Da=b',
  );
});
