import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FsShell;
import org.apache.hadoop.util.ToolRunner;

/**
 * Hadoop's own shell, many commands in one JVM: `ShellCommands KEY=VALUE…` with settings of Hadoop. Each line of the
 * standard input is a command, its words divided by tabs; `<FILE` as its last word is its own standard input. It
 * answers each with one line: exit code, output and complaints, divided by tabs, with line ends as `\n`.
 */
public class ShellCommands {
  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    PrintStream complaints = System.err;
    InputStream commands = System.in;
    System.setProperty("user.timezone", "UTC");
    BufferedReader lines = new BufferedReader(new InputStreamReader(commands, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split("\t");
      String last = words[words.length - 1];
      if (last.startsWith("<")) {
        System.setIn(new FileInputStream(last.substring(1)));
        words = java.util.Arrays.copyOf(words, words.length - 1);
      }
      Configuration configuration = new Configuration();
      for (String arg : args) {
        String[] setting = arg.split("=", 2);
        configuration.set(setting[0], setting[1]);
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      System.setOut(new PrintStream(out, true, "UTF-8"));
      System.setErr(new PrintStream(err, true, "UTF-8"));
      int code;
      try {
        FsShell shell = new FsShell(configuration);
        configuration.setQuietMode(false);
        code = ToolRunner.run(shell, words);
      } catch (Throwable thrown) {
        code = 255;
        thrown.printStackTrace();
      } finally {
        System.setOut(answers);
        System.setErr(complaints);
      }
      answers.println((code & 255) + "\t" + oneLine(out) + "\t" + oneLine(err));
      answers.flush();
    }
  }

  private static String oneLine(ByteArrayOutputStream bytes) throws Exception {
    return bytes.toString("UTF-8").replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
  }
}
