import * as z from 'zod';

/**
 * The shape of `devenv.yaml`. Everything in it is strict: a key that means nothing is a mistake. Messages say
 * what is allowed; what was found and where is added by the reader. The JSON Schema for editors is made of this.
 *
 * Imported only when there is a `devenv.yaml`: zod costs more than the rest of loading a project.
 */
export const settingsSchema = z
  .strictObject({
    airflow: z
      .strictObject({
        version: text(/^\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?$/, 'a full version number such as 3.3.2').describe(
          'Airflow to run. Default: the version that the repository pins, else 3.3.2.',
        ),
        python: text(/^3\.\d+(?:\.\d+)?$/, 'a Python version such as "3.12"').describe(
          'Python to run Airflow on.',
        ),
        requirements: oneOrMore().describe('Requirements files, relative to this file. [] for none.'),
        constraints: folder().describe(
          "Production's constraints: a file, relative to this one, or an address. Default: those of the Airflow release.",
        ),
        config: z
          .record(
            text(
              /^[\w-]+(?:\.[\w-]+)+$/,
              'a section and an option of airflow.cfg with a dot between them, such as core.parallelism',
            ),
            plainValue(),
          )
          .describe("Airflow's own configuration: `section.option: value`."),
        env: z
          .record(text(/^[A-Za-z_]\w*$/, 'the name of an environment variable'), plainValue())
          .describe('Environment variables of everything that runs Airflow.'),
      })
      .partial()
      .describe('The Airflow to run.'),
    repositories: z
      .array(z.union([folder(), repository()]))
      .min(1, 'at least one repository')
      .describe('Repositories to mount together. Default: the one this file is in.'),
    database: z.enum(['postgres', 'sqlite']).describe("Airflow's metadata database. Default: postgres."),
    seed: z
      .union([folder(), z.array(folder()), seed()])
      .describe('Files of variables, connections, pools and secrets, merged in this order.'),
    hdfs: hdfs().partial().describe('A mock HDFS for DAGs that use one; `{}` is enough.'),
    spark: spark().partial().describe('How jobs for YARN are run on this machine; `{}` is enough.'),
    kubernetes: kubernetes()
      .partial()
      .describe('A Kubernetes cluster (kind) for DAGs that start pods; `{}` is enough. Needs Docker.'),
    artifacts: z
      .union([folder(), artifacts()])
      .describe('File that declares the artifacts of jobs, such as artifacts.yaml.'),
    required: z
      .strictObject({ variables: z.array(z.string()), connections: z.array(z.string()) })
      .partial()
      .describe('What DAGs need to be seeded with; what is missing is named before a run.'),
  })
  .partial()
  .meta({ title: 'devenv.yaml', description: 'Configuration of airflow-devenv. Every key is optional.' });

export type Settings = z.infer<typeof settingsSchema>;
export type RepositorySettings = NonNullable<Settings['repositories']>[number];

function repository() {
  return z.strictObject({
    path: folder().describe('Folder of the repository, relative to this file.'),
    name: text(/^[\w.-]+$/, 'letters, digits, "_", "-" and "."')
      .optional()
      .describe("Default: the folder's name."),
    pythonpath: oneOrMore().optional().describe('More folders to import from, relative to the repository.'),
    dags: oneOrMore()
      .optional()
      .describe('Folders of DAGs, relative to the repository. Default: found by looking.'),
    plugins: oneOrMore()
      .optional()
      .describe('Folders of plugins, relative to the repository. Default: found by looking.'),
  });
}

function seed() {
  return z.strictObject({
    files: oneOrMore().optional().describe('The files. Default: what lies in the folder seed/.'),
    on_up: z
      .enum(['always', 'missing', 'never'])
      .optional()
      .describe(
        'What `up`, and the first run with a database, do with them. missing (the default): store what is not there ' +
          'yet, and what the files have changed since; always: what `devenv seed` does; never: nothing.',
      ),
  });
}

function hdfs() {
  return z.strictObject({
    nameservice: text(/^[A-Za-z0-9][\w.-]*$/, 'the name of a nameservice').describe(
      'What stands for the host in `hdfs://analytics-hadoop/`. Default: what `conf` says, else analytics-hadoop.',
    ),
    user: text(/^[A-Za-z_][\w.-]*\$?$/, 'the name of a user').describe(
      'Who tasks are in HDFS (HADOOP_USER_NAME). Default: you, who may do everything.',
    ),
    conf: oneOrMore().describe(
      "Production's core-site.xml and hdfs-site.xml, or folders of them; what can't hold here is left out.",
    ),
    seed: z
      .record(text(/^\/./, 'an absolute path in HDFS'), folder())
      .describe('Path in HDFS: the file or folder that is put there by `up` and before the first run.'),
  });
}

function spark() {
  return z.strictObject({
    version: text(/^\d+\.\d+\.\d+$/, 'a full version number such as "3.5.5"').describe(
      'Spark to install, in an environment of its own. Default: SPARK_HOME, or pyspark among the requirements.',
    ),
    python: text(/^3\.\d+(?:\.\d+)?$/, 'a Python version such as "3.11"').describe(
      'Python of that environment: what jobs run on that bring none.',
    ),
    requirements: oneOrMore().describe('Requirements files of that environment, relative to this file.'),
    master: text(/\S/, 'a Spark master such as "local[2]"').describe(
      'What takes the place of YARN. Default: local, with the cores that the job asks for and the machine has.',
    ),
    memory: text(/^\d+[kmgt]$/i, 'an amount such as "4g"').describe(
      'Heap of each job. Default: what the job asks for, at most half of the machine.',
    ),
    conf: z
      .record(text(/^spark\./, 'a setting of Spark, such as spark.sql.shuffle.partitions'), plainValue())
      .describe('Settings of every job; they win over what the job says.'),
    defaults: folder().describe("Production's spark-defaults.conf; what can't hold here is left out."),
  });
}

function artifacts() {
  return z.strictObject({
    file: folder().describe('File that declares the artifacts, relative to this file.'),
    overrides: folder()
      .optional()
      .describe(
        'Folder of files that take the place of the artifact of their name. Default: .devenv/artifacts/overrides.',
      ),
    maven: z
      .union([address(), z.array(address())])
      .optional()
      .describe('Maven repositories, in the order in which they are asked.'),
  });
}

function kubernetes() {
  const name = () => text(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'lower-case letters, digits, "-" and "."');
  const node = z
    .strictObject({
      labels: z
        .record(z.string(), plainValue())
        .describe('Labels for node selectors, such as `amd.com/gpu.vram: 64G`.'),
      resources: z
        .record(text(/^[^/\s]+\/[^/\s]+$/, 'a resource with its domain, such as amd.com/gpu'), count())
        .describe('Extended resources that the node has, such as `amd.com/gpu: 1`.'),
    })
    .partial();
  const volume = z.strictObject({
    claim: name().describe('The name of the claim that pods mount.'),
    class: name().optional().describe('The storage class of the claim. Default: devenv-local.'),
    size: text(/^\d+(\.\d+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/, 'a quantity such as 20Gi'),
    access: z
      .enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadOnlyMany'])
      .optional()
      .describe('The access mode of the claim. Default: ReadWriteOnce.'),
  });
  return z.strictObject({
    image: text(/\S/, 'the name of an image').describe(
      "Node image. Default: that of the kind program's release.",
    ),
    namespace: name().describe('Where pods run. Default: default.'),
    service_account: name().describe(
      'Who tasks are in the cluster (`in_cluster=True`), and the account of pods that name it. Default: airflow.',
    ),
    nodes: z.array(node).min(1, 'at least one node').describe('Default: one node without labels.'),
    volumes: z.array(volume).describe('Claims, with their files in .devenv/volumes/CLAIM.'),
    priority_classes: z.array(name()).describe("Priority classes that production's pods name."),
    service_accounts: z.array(name()).describe('More service accounts that pods name, without rights.'),
    quota: z
      .record(z.string(), plainValue())
      .describe('Quota of the namespace, such as `requests.cpu: 8` or `pods: 20`.'),
    config_maps: z
      .record(name(), configMap())
      .describe(
        'Config maps that pods mount, by their names. `hadoop` is what finds the HDFS of the project.',
      ),
    images: z
      .record(
        text(/^\S+$/, 'the name of an image'),
        z.union([text(/^\S+$/, 'the name of an image'), build()]),
      )
      .describe("What stands for an image of production's: an image of the engine, or a folder to build."),
  });
}

function configMap() {
  return z.union([
    z.literal('hadoop'),
    z
      .strictObject({
        data: z.record(z.string(), plainValue()).describe('Keys with their texts.'),
        files: oneOrMore().describe('Files whose names are the keys, or folders of them.'),
      })
      .partial(),
  ]);
}

function build() {
  return z.strictObject({
    build: folder().describe('Folder that is sent to the engine (the context of the build).'),
    dockerfile: folder().optional().describe('Relative to that folder. Default: Dockerfile.'),
    target: text(/\S/, 'the name of a stage').optional(),
    args: z.record(z.string(), plainValue()).optional().describe('Arguments of the build.'),
  });
}

function count() {
  return z.number().int().min(0, 'a whole number');
}

function oneOrMore() {
  return z.union([folder(), z.array(folder())]);
}

function address() {
  return text(/^[a-z]+:\/\//, 'an address such as https://maven.example.org/releases');
}

function folder() {
  return text(/\S/, 'a path');
}

function plainValue() {
  return z.union([z.string(), z.number(), z.boolean()]);
}

function text(pattern: RegExp, allowed: string) {
  return z.string().regex(pattern, allowed);
}
