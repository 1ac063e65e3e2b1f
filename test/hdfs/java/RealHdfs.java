import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.log4j.Level;
import org.apache.log4j.LogManager;

/**
 * Hadoop's own HDFS in one process: `RealHdfs FOLDER`. Writes `ready NAMENODE_HTTP_PORT RPC_PORT` and ends with its
 * standard input.
 */
public class RealHdfs {
  public static void main(String[] args) throws Exception {
    LogManager.getRootLogger().setLevel(Level.OFF);
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, new File(args[0]).getAbsolutePath());
    configuration.setBoolean("dfs.namenode.acls.enabled", true);
    // Small blocks, so that small files have several.
    configuration.setLong("dfs.namenode.fs-limits.min-block-size", 1024);
    for (int index = 1; index < args.length; index++) {
      String[] setting = args[index].split("=", 2);
      configuration.set(setting[0], setting[1]);
    }
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
    System.out.println("ready " + cluster.getNameNode().getHttpAddress().getPort() + " " + cluster.getNameNodePort());
    System.out.flush();
    while (System.in.read() >= 0) {
    }
    cluster.shutdown();
    System.exit(0);
  }
}
