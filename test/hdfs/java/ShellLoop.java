import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.Base64;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FsShell;
import org.apache.hadoop.util.ToolRunner;

/**
 * Runs Hadoop's file system shell again and again: a line is its words with tabs between them, the answer is the exit
 * code and, in Base64, what it printed and what it complained about.
 */
public class ShellLoop {
  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    answers.println("ready");
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      System.setOut(new PrintStream(out, true, "UTF-8"));
      System.setErr(new PrintStream(err, true, "UTF-8"));
      System.setIn(new ByteArrayInputStream("given\n".getBytes("UTF-8")));
      int code = ToolRunner.run(new FsShell(new Configuration()), line.split("\t", -1));
      answers.println((code & 255) + " " + encode(out) + " " + encode(err));
      answers.flush();
    }
  }

  private static String encode(ByteArrayOutputStream bytes) {
    return "=" + Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
