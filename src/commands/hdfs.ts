import { Command } from 'commander';
import type { GlobalOptions } from './commandContext.ts';
import { withHdfsShell } from './hdfsShell.ts';
import type { CommandHost } from './commandHost.ts';

export function hdfsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('hdfs')
    .summary("the files of the project's HDFS: ls, put, get, cat, rm, …")
    .description(
      "Hadoop's file system shell for the project's mock HDFS: the same commands, output and exit codes, without Java. " +
        'Besides them: tree, and mount-info, which says where it is.',
    )
    .usage('<command> [arguments...]')
    .argument('[words...]', 'a command and what stands behind it')
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], _flags: unknown, command: Command) => {
      if (words.length === 0 || words[0] === '--help' || words[0] === '-h') return command.outputHelp();
      finish(await runHdfs(commandHost, command.optsWithGlobals<GlobalOptions>(), words));
    });
}

const EXAMPLES = `
Commands:
  ls put get cat rm mkdir mv cp du df chmod chown chgrp stat tail head test touchz touch count find getmerge text
  checksum setrep appendToFile moveFromLocal copyFromLocal copyToLocal rmdir expunge truncate concat
  getfacl setfacl getfattr setfattr createSnapshot deleteSnapshot renameSnapshot tree mount-info
  devenv hdfs help COMMAND shows its options

Examples:
  echo 'id,amount' | devenv hdfs put - orders.csv     into your folder, /user/NAME
  devenv hdfs ls -R -h /
  devenv hdfs cat '*.csv' | head
  devenv hdfs rm -skipTrash orders.csv

Exit codes: 0 success; 1 something failed; 255 a command or option that does not exist.
`;

async function runHdfs(
  commandHost: CommandHost,
  options: GlobalOptions,
  words: readonly string[],
): Promise<number> {
  const { hadoopWords } = await import('../hdfs/shell/hadoopWords.ts');
  // Whoever types `devenv hdfs dfs -ls` means the same.
  const { properties, rest } = hadoopWords(words[0] === 'dfs' ? words.slice(1) : words);
  const [name = 'help', ...others] = rest;
  return withHdfsShell(commandHost, { options, properties }, async (session) => {
    if (name === 'mount-info') {
      const { mountInfo } = await import('../hdfs/shell/mountInfo.ts');
      return mountInfo(session);
    }
    const { runShell } = await import('../hdfs/shell/runShell.ts');
    return runShell(session, name.replace(/^-/, ''), others, '');
  });
}
