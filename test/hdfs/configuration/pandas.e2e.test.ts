import { expect, test } from 'vitest';
import { hadoopEnvironment } from '../../../src/hdfs/configuration/hadoopEnvironment.ts';
import { systemUser } from '../../../src/hdfs/configuration/hadoopUser.ts';
import { makeProject, serveHere } from '../support/hdfsProject.ts';
import { runPython } from '../support/uvPython.ts';

const PROGRAM = `
import fsspec
import pandas as pd
import pyarrow.dataset as ds
import pyarrow.fs
import pyarrow.parquet as pq

HOME = "hdfs://analytics-hadoop/user/etl"
frame = pd.DataFrame({"a": [1, 2, 3], "p": ["x", "y", "x"]})
frame.to_parquet(f"{HOME}/plain.parquet")
frame.to_parquet("hdfs:///user/etl/parts.parquet", partition_cols=["p"])
frame.to_csv(f"{HOME}/plain.csv", index=False)
assert pd.read_parquet(f"{HOME}/plain.parquet").equals(frame)
assert sorted(pd.read_parquet(f"{HOME}/parts.parquet").a) == [1, 2, 3]
assert pd.read_csv(f"{HOME}/plain.csv").equals(frame)
with fsspec.open(f"{HOME}/plain.parquet") as file:
    assert pd.read_parquet(file).equals(frame)

assert pq.read_table(f"{HOME}/plain.parquet", columns=["a"]).num_columns == 1
parts = ds.dataset(f"{HOME}/parts.parquet", partitioning="hive")
assert parts.to_table(filter=ds.field("p") == "x").num_rows == 2
files, path = pyarrow.fs.FileSystem.from_uri(HOME)
assert isinstance(files, pyarrow.fs.FileSystem)
assert isinstance(pyarrow.fs.LocalFileSystem(), pyarrow.fs.FileSystem)
names = [each.base_name for each in files.get_file_info(pyarrow.fs.FileSelector(path))]
assert sorted(names) == ["parts.parquet", "plain.csv", "plain.parquet"], names
hadoop = pyarrow.fs.HadoopFileSystem("analytics-hadoop", 8020)
with hadoop.open_output_stream("/user/etl/stream") as stream:
    stream.write(b"x" * 10)
hadoop.move("/user/etl/stream", "/user/etl/moved")
assert hadoop.get_file_info("/user/etl/moved").size == 10
print("done")
`;

test('pandas and pyarrow read and write hdfs:// URIs without Java, and without a word of devenv', async () => {
  const project = await makeProject();
  const place = await serveHere(project);
  const environment = hadoopEnvironment(
    { PATH: process.env['PATH'] ?? '' },
    {
      stateDirectory: project.stateDirectory,
      place,
      nameservice: 'analytics-hadoop',
      user: systemUser({}),
      ownConnections: new Set(),
    },
  );
  const packages = ['pandas', 'pyarrow', 'fsspec', 'requests'];
  const { stdout } = await runPython(packages, ['-c', PROGRAM], project.root, environment);
  expect(stdout).toBe('done\n');
});
