package devenv;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ReflectionUtils;

/**
 * hdfs:// for programs that use Hadoop's FileContext, as Spark's streaming checkpoints and MapReduce do: the same file
 * system that everybody else gets by fs.hdfs.impl. Hadoop's own class for them speaks the native protocol only.
 *
 * Built with `javac --release 8` and kept beside its source; lies in HADOOP_CONF_DIR, which is on the class path of
 * every client.
 */
public class HdfsForFileContext extends DelegateToFileSystem {
  public HdfsForFileContext(URI uri, Configuration conf) throws IOException, URISyntaxException {
    super(uri, implementation(conf), conf, "hdfs", false);
  }

  private static FileSystem implementation(Configuration conf) throws IOException {
    return ReflectionUtils.newInstance(FileSystem.getFileSystemClass("hdfs", conf), conf);
  }
}
