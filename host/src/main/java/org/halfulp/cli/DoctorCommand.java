package org.halfulp.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Toolchain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp doctor}. */
@Command(
    name = "doctor",
    description = {
      "Show which tools are installed, and how to get the others.",
      "",
      "Exits with 3 when a needed tool is missing."
    },
    footer = {"", "Example:", "  halfulp doctor || make setup"})
final class DoctorCommand implements Callable<Integer> {
  private static final int TIME_LIMIT_SECONDS = 10;
  private static final Pattern VERILATOR = Pattern.compile("^Verilator (\\d{1,4})\\.(\\d{1,4})");

  @ParentCommand private Main main;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  /** A tool to look for: what it is called, how to ask for its version, the package that has it. */
  private record Tool(String name, boolean needed, List<String> version, String use, String get) {}

  /** What was found: {@code state} is ok, missing or broken. */
  private record Finding(String name, boolean needed, String state, String detail, String get) {
    boolean good() {
      return state.equals("ok");
    }
  }

  @Override
  public Integer call() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    for (Tool tool : tools()) {
      findings.add(find(tool));
    }
    findings.add(cache());
    int cpus = Runtime.getRuntime().availableProcessors();
    boolean good = findings.stream().noneMatch(f -> f.needed && !f.good());
    if (json) {
      printJson(findings, cpus, good);
    } else {
      print(findings, cpus, good);
    }
    return good ? Main.GOOD : Main.BROKEN;
  }

  private static List<Tool> tools() {
    String verilator = System.getenv().getOrDefault("HALFULP_VERILATOR", "verilator");
    String cxx = System.getenv().getOrDefault("CXX", "");
    List<String> compiler =
        new ArrayList<>(List.of((cxx.isBlank() ? "g++" : cxx).strip().split("\\s+")));
    compiler.add("--version");
    return List.of(
        new Tool(
            "Verilator",
            true,
            List.of(verilator, "--version"),
            "builds models",
            install("verilator")),
        new Tool("C++", true, compiler, "compiles models", install("g++") + ", or set CXX"),
        new Tool("make", true, List.of("make", "--version"), "runs the Makefile", install("make")),
        new Tool(
            "Yosys",
            false,
            List.of(named("YOSYS", "yosys"), "-V"),
            "lint, proofs, cost",
            install("yosys")),
        new Tool(
            "nextpnr",
            false,
            List.of(named("NEXTPNR", "nextpnr-ice40"), "--version"),
            "cost",
            install("nextpnr-ice40")),
        new Tool("Z3", false, List.of("z3", "--version"), "proofs", install("z3")));
  }

  private static String named(String variable, String otherwise) {
    String given = System.getenv().getOrDefault(variable, "");
    return given.isBlank() ? otherwise : given;
  }

  /** The command that installs {@code name} here. */
  private static String install(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String[] manager :
        new String[][] {
          {"apt-get", "sudo apt-get install -y "},
          {"dnf", "sudo dnf install -y "},
          {"pacman", "sudo pacman -S --noconfirm "},
          {"zypper", "sudo zypper install -y "},
          {"brew", "brew install "},
        }) {
      for (String folder : path.split(File.pathSeparator)) {
        if (new File(folder, manager[0]).canExecute()) {
          return manager[1] + name;
        }
      }
    }
    return "install " + name;
  }

  private static Finding java() {
    int version = Runtime.version().feature();
    return new Finding(
        "JDK",
        true,
        version >= 17 ? "ok" : "broken",
        "%s, %s, %s"
            .formatted(
                System.getProperty("java.version"),
                System.getProperty("java.vendor"),
                System.getProperty("java.home")),
        "install a JDK 17 or newer");
  }

  private static Finding find(Tool tool) {
    String command = String.join(" ", tool.version);
    Process process;
    try {
      process =
          new ProcessBuilder(tool.version)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(nothing()))
              .start();
    } catch (IOException e) {
      return new Finding(tool.name, tool.needed, "missing", tool.use, tool.get);
    }
    try {
      // Read on another thread: a tool that never ends must not hold us.
      var output = new StringBuffer();
      Thread reader = new Thread(() -> read(process, output), "doctor");
      reader.setDaemon(true);
      reader.start();
      if (!process.waitFor(TIME_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        return broken(tool, "'%s' did not end within %d s".formatted(command, TIME_LIMIT_SECONDS));
      }
      reader.join(1000);
      String said =
          output.toString().lines().filter(line -> !line.isBlank()).findFirst().orElse("");
      said = Main.printable(said.length() > 60 ? said.substring(0, 57) + "..." : said);
      if (process.exitValue() != 0) {
        return broken(tool, "'%s' exits with %d: %s".formatted(command, process.exitValue(), said));
      }
      Matcher version = VERILATOR.matcher(said);
      if (version.find()
          && Integer.parseInt(version.group(1)) * 1000 + Integer.parseInt(version.group(2))
              < Toolchain.OLDEST_VERILATOR) {
        return broken(tool, "too old, 5.006 or later is needed: " + said);
      }
      return new Finding(tool.name, tool.needed, "ok", said, tool.get);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return broken(tool, "interrupted");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static File nothing() {
    return new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
  }

  private static void read(Process process, StringBuffer output) {
    byte[] chunk = new byte[4096];
    try (InputStream in = process.getInputStream()) {
      int n;
      while ((n = in.read(chunk)) >= 0) {
        if (output.length() < 10_000) {
          output.append(new String(chunk, 0, n, Charset.defaultCharset()));
        }
      }
    } catch (IOException e) {
      // closed by the time limit
    }
  }

  private static Finding broken(Tool tool, String why) {
    return new Finding(tool.name, tool.needed, "broken", why, tool.get);
  }

  /** Where built models are kept. */
  private static Finding cache() {
    Path folder = ModelCache.defaultFolder(System.getenv());
    try {
      Files.createDirectories(folder);
      Path probe = Files.createTempFile(folder, "doctor", ".tmp");
      Files.delete(probe);
      return new Finding(
          "cache",
          true,
          "ok",
          "%s, writable, %d GiB free"
              .formatted(folder, Files.getFileStore(folder).getUsableSpace() >> 30),
          "");
    } catch (IOException | RuntimeException e) {
      return new Finding(
          "cache",
          true,
          "broken",
          folder + " cannot be written",
          "name a folder that you may write in HALFULP_CACHE");
    }
  }

  private void print(List<Finding> findings, int cpus, boolean good) {
    PrintWriter out = main.text();
    out.printf("%-10s %s%n", "HalfUlp", Main.Version.number());
    for (Finding f : findings) {
      String text = f.good() ? f.detail : f.state + (f.needed ? "" : ", optional");
      out.printf("%-10s %s%s%n", f.name, text, f.good() ? "" : " (" + f.detail + ")");
    }
    out.printf("%-10s %d%n", "CPUs", cpus);
    for (Finding f : findings) {
      if (!f.good()) {
        out.printf("%s: %s%n", f.name, f.get);
      }
    }
    if (!good) {
      out.println("make setup installs what is needed.");
    }
  }

  private void printJson(List<Finding> findings, int cpus, boolean good) {
    Json.print(
        main.text(),
        j -> {
          j.writeStartObject();
          j.writeBooleanField("good", good);
          j.writeStringField("halfulp", Main.Version.number());
          j.writeNumberField("cpus", cpus);
          j.writeArrayFieldStart("tools");
          for (Finding f : findings) {
            j.writeStartObject();
            j.writeStringField("name", f.name);
            j.writeBooleanField("needed", f.needed);
            j.writeStringField("state", f.state);
            j.writeStringField("detail", f.detail);
            j.writeStringField("get", f.get);
            j.writeEndObject();
          }
          j.writeEndArray();
          j.writeEndObject();
        });
  }
}
