package org.halfulp.cli;

import static java.util.stream.Collectors.joining;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import org.halfulp.input.InputException;
import org.halfulp.number.NanException;
import org.halfulp.sim.DutException;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.VerilogException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root command, and the one place where exceptions become messages and exit codes. */
@Command(
    name = "halfulp",
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Co-design of low-precision training hardware.",
    subcommands = {
      FormatsCommand.class,
      ExplainCommand.class,
      EvalCommand.class,
      QuantizeCommand.class,
      ImportCommand.class,
      TrainCommand.class,
      ExperimentCommand.class,
      SweepCommand.class,
      MergeCommand.class,
      ReportCommand.class,
      VerifyCommand.class,
      CostCommand.class,
      DoctorCommand.class,
    },
    footer = {
      "",
      "Examples:",
      "  halfulp explain e4m3 0.1            what 0.1 becomes in OCP E4M3",
      "  halfulp eval add --format bf16      add pairs of codes from standard input",
      "",
      "Exit codes: 0 good, 1 a check failed, 2 bad usage or input, 3 a tool is",
      "missing or broke. HALFULP_DEBUG=1 adds the stack trace to an error.",
    })
public final class Main implements Runnable {
  static final int GOOD = 0;
  static final int CHECK_FAILED = 1;
  static final int BAD_INPUT = 2;
  static final int BROKEN = 3;

  /** What a shell reports for a filter whose reader went away: 128 + SIGPIPE. */
  private static final int OUTPUT_CLOSED = 141;

  private static final int LONGEST_MESSAGE = 2000;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show this help and exit.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the versions of HalfUlp and Java and exit.")
  private boolean version;

  private final InputStream in;
  private final OutputStream out;
  private final PrintWriter text;
  private final PrintWriter err;

  private Main(InputStream in, OutputStream out, OutputStream err) {
    this.in = in;
    this.out = new Guarded(out);
    this.text = new PrintWriter(this.out, false, Charset.defaultCharset());
    this.err = new PrintWriter(err, true, Charset.defaultCharset());
  }

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT); // digits are ASCII wherever the user lives
    int exit =
        run(
            args,
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err));
    System.exit(exit);
  }

  /** Runs one command line on the given streams; returns the exit code and throws nothing. */
  public static int run(String[] args, InputStream in, OutputStream out, OutputStream err) {
    Main main = new Main(in, out, err);
    int exit;
    try {
      CommandLine line = new CommandLine(main);
      line.setOut(main.text);
      line.setErr(main.err);
      line.setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF));
      line.setUsageHelpWidth(80);
      line.setExpandAtFiles(false);
      line.setParameterExceptionHandler((e, given) -> main.badUsage(e));
      line.setExecutionExceptionHandler((e, command, given) -> main.failed(e));
      exit = line.execute(withNegativeValues(args));
      main.text.flush();
    } catch (Throwable e) {
      exit = main.failed(e);
    }
    main.err.flush();
    return exit;
  }

  /**
   * A blank before {@code -inf} or {@code -1/3}, so that {@code explain} takes no option for it.
   */
  private static String[] withNegativeValues(String[] args) {
    String[] marked = args.clone();
    for (int i = 1; i < args.length && args[0].equals("explain"); i++) {
      if (args[i].matches("(?i)-(\\d|\\.\\d|inf|nan).*")) {
        marked[i] = " " + args[i];
      }
    }
    return marked;
  }

  /** Standard input. */
  InputStream in() {
    return in;
  }

  /** Standard output as bytes; throws {@link OutputException} when nobody can read it. */
  OutputStream out() {
    return out;
  }

  /** Standard output as text, flushed when the command ends. */
  PrintWriter text() {
    return text;
  }

  /** One line on standard error. */
  void say(String message) {
    err.println("halfulp: " + printable(message));
    err.flush();
  }

  @Override
  public void run() {
    new CommandLine(this).setUsageHelpWidth(80).usage(err, Help.Ansi.OFF);
    throw new InputException("a command is needed, for instance: halfulp formats");
  }

  private int badUsage(ParameterException e) {
    say(e.getMessage());
    List<String> suggestions =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.<String>of();
    if (!suggestions.isEmpty()) {
      err.println("Did you mean: " + printable(String.join(" or ", suggestions)) + "?");
    }
    err.println("Try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    trace(e);
    return BAD_INPUT;
  }

  /** The exit code of an exception, after its message. */
  private int failed(Throwable e) {
    if (e instanceof OutputException) {
      if (((OutputException) e).readerGone()) {
        return OUTPUT_CLOSED;
      }
      say("cannot write the output: " + e.getCause().getMessage());
      return BROKEN;
    }
    try {
      text.flush();
    } catch (OutputException gone) {
      // the message below says more
    }
    int exit = exitCode(e);
    if (exit != 0) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      if (exit == BAD_INPUT && !(e instanceof VerilogException)) {
        say(message);
      } else { // a tool's last lines
        err.println("halfulp: " + message.lines().map(Main::printable).collect(joining("\n")));
      }
    } else if (e instanceof OutOfMemoryError) {
      say("out of memory; give Java more with HALFULP_JAVA_OPTS=-Xmx4g");
      exit = BROKEN;
    } else {
      String what = e.toString().lines().findFirst().orElse("");
      say("unexpected: " + what + " (set HALFULP_DEBUG=1 for the trace)");
      exit = BROKEN;
    }
    trace(e);
    return exit;
  }

  /** 0 for exceptions that no user can have caused. */
  private static int exitCode(Throwable e) {
    if (e instanceof InputException
        || e instanceof IllegalArgumentException
        || e instanceof NanException
        || e instanceof VerilogException) {
      return BAD_INPUT;
    }
    if (e instanceof DutException) {
      return CHECK_FAILED;
    }
    if (e instanceof ToolException) {
      return BROKEN;
    }
    return 0;
  }

  private void trace(Throwable e) {
    if ("1".equals(System.getenv("HALFULP_DEBUG"))) {
      e.printStackTrace(err);
    }
  }

  /** {@code message} without control characters and of bounded length. */
  static String printable(String message) {
    StringBuilder clean = new StringBuilder();
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      if (i == LONGEST_MESSAGE) {
        clean.append("...");
        break;
      }
      if (c == '\n' || c == '\t') {
        clean.append(' ');
      } else if (Character.isISOControl(c)) {
        clean.append("\\x%02x".formatted((int) c));
      } else {
        clean.append(c);
      }
    }
    return clean.toString();
  }

  /** Standard output failed. */
  static final class OutputException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    OutputException(IOException cause) {
      super(cause);
    }

    /** Whether it failed because the reader of a pipe has seen enough. */
    boolean readerGone() {
      String message = String.valueOf(getCause().getMessage()).toLowerCase(Locale.ROOT);
      return message.contains("pipe") || message.contains("epipe");
    }
  }

  /** Turns failures to write, which {@link PrintWriter} would hide, into exceptions. */
  private static final class Guarded extends OutputStream {
    private final OutputStream out;

    Guarded(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw new OutputException(e);
      }
    }

    @Override
    public void flush() {
      try {
        out.flush();
      } catch (IOException e) {
        throw new OutputException(e);
      }
    }
  }

  /** {@code --version}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "halfulp " + number(),
        "Java %s (%s)"
            .formatted(System.getProperty("java.version"), System.getProperty("java.vendor")),
      };
    }

    static String number() {
      String written = Main.class.getPackage().getImplementationVersion();
      return written == null ? "unreleased" : written;
    }
  }
}
