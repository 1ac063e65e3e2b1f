import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileContextMainOperationsBaseTest;
import org.apache.hadoop.fs.Path;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;

/** Hadoop's own contract for FileContext, on `hdfs://analytics-hadoop`. Prints what fails, and last the counts. */
public class FileContextContract extends FileContextMainOperationsBaseTest {
  @Override
  public void setUp() throws Exception {
    fc = FileContext.getFileContext(URI.create("hdfs://analytics-hadoop/"), new Configuration());
    super.setUp();
  }

  @Override
  protected Path getDefaultWorkingDirectory() {
    return fc.makeQualified(new Path("/user/" + System.getenv("HADOOP_USER_NAME")));
  }

  @Override
  protected boolean listCorruptedBlocksSupported() {
    return false;
  }

  @Override
  protected IOException unwrapException(IOException error) {
    return error;
  }

  public static void main(String[] args) {
    Result result = JUnitCore.runClasses(FileContextContract.class);
    for (Failure each : result.getFailures()) {
      System.out.println("failed " + each.getDescription().getMethodName() + ": " + each.getMessage());
    }
    System.out.println("ran " + result.getRunCount() + ", failed " + result.getFailureCount());
    System.exit(0);
  }
}
