package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "formats", "explain", "eval", "train", "experiment", "doctor"})
  void helpFitsEightyColumnsAndHasAnExample(String command) {
    Cli help = Cli.line("", (command + " --help").strip()).exits(0);
    help.shows("Usage: halfulp").shows("Example");
    assertTrue(help.out().lines().allMatch(line -> line.length() <= 80), help::toString);
    assertTrue(help.out().indexOf('\u001b') < 0, "no escape sequences");
  }

  @Test
  void versionNamesHalfUlpAndJava() {
    Cli.run("--version").exits(0).shows("halfulp ").shows("Java " + Runtime.version().feature());
  }

  @Test
  void noCommandIsBadUsage() {
    Cli.run().exits(2).prints("").says("Usage: halfulp").isCivil();
  }

  @Test
  void unknownCommandsAndOptionsAreNamed() {
    Cli.run("expl").exits(2).says("'expl'").says("explain").isCivil();
    Cli.run("formats", "--jsn").exits(2).says("'--jsn'").says("--json").isCivil();
    Cli.run("explain", "e4m3", "--roundin", "rne").exits(2).says("--roundin").isCivil();
    Cli.run("eval", "add").exits(2).says("--format").says("halfulp eval --help").isCivil();
  }

  @Test
  void aReaderThatGoesAwayEndsTheCommandQuietly() {
    OutputStream closed = failing("Broken pipe");
    for (String command : new String[] {"formats", "explain e4m3", "eval add --format e4m3"}) {
      var err = new ByteArrayOutputStream();
      var in = new ByteArrayInputStream("38 38\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals(141, Main.run(command.split(" "), in, closed, err), command);
      assertEquals("", err.toString(StandardCharsets.UTF_8), command);
    }
  }

  @Test
  void aFullDiskIsReported() {
    var err = new ByteArrayOutputStream();
    var in = new ByteArrayInputStream(new byte[0]);
    int exit = Main.run(new String[] {"formats"}, in, failing("No space left on device"), err);
    assertEquals(3, exit);
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("No space left on device"));
  }

  private static OutputStream failing(String why) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(why);
      }
    };
  }
}
