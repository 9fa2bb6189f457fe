import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.util.Properties;

/**
 * Reads files from standard input, each after its length in four bytes, and answers each with a line:
 * empty if java.util.Properties takes it, else why not.
 */
class PropertiesReader {
  public static void main(String[] arguments) throws Exception {
    DataInputStream input = new DataInputStream(System.in);
    while (true) {
      byte[] file;
      try {
        file = new byte[input.readInt()];
      } catch (EOFException end) {
        return;
      }
      input.readFully(file);
      try {
        new Properties().load(new ByteArrayInputStream(file));
        System.out.println();
      } catch (IllegalArgumentException refused) {
        System.out.println(refused.getMessage());
      }
    }
  }
}
