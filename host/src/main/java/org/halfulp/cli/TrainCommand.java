package org.halfulp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionReader;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sweep.RunFolder;
import org.halfulp.sweep.TrainRun;
import org.halfulp.sweep.TrainSummary;
import org.halfulp.verify.UpdateModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp train}: one described run with the update unit's RTL in the loop. */
@Command(
    name = "train",
    description = {
      "Train as a description says, with the RTL of the update unit in the loop.",
      "",
      "The weights are updated by sgd_update.v (--rtl step: by whole steps in linear_step.v), simulated by Verilator; every word and flag of"
          + " every step is compared with the emulator. A binary64 run makes the same steps beside"
          + " it. Writes a run folder with summary.json, history.csv, description.yaml and"
          + " report.html."
    },
    footer = {
      "",
      "Exit: 0 all words equal, also of a run that diverges, which ends at that step; 1 a word differs, or none was compared; 2 bad input;"
          + " 3 a tool is missing or broke.",
      "",
      "Example:",
      "  halfulp train examples/concrete.yaml --out runs/first",
      "  halfulp train examples/concrete-on-chip.yaml --rtl step"
    })
final class TrainCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(paramLabel = "DESCRIPTION", description = "The run, a .yaml file.")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Run folder, new or empty. Default: runs/<name>-<time>.")
  private Path out;

  @Option(
      names = "--no-rtl",
      description = "Run the emulator alone: nothing is compared, no tool is needed.")
  private boolean noRtl;

  @Option(
      names = "--rtl",
      paramLabel = "WHAT",
      defaultValue = "update",
      description = {
        "What of a step the RTL does: update (sgd_update.v), or step: all of it"
            + " (linear_step.v), which wants data.input, the format in which the data come."
            + " Default: update."
      })
  private String rtl;

  @Option(
      names = "--stalls",
      paramLabel = "P",
      defaultValue = "0",
      description = "Percent of random stalls on both sides of the RTL's stream, 0 to 95.")
  private int stalls;

  @Option(names = "--json", description = "Print the summary as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (stalls < 0 || stalls > 95) {
      throw new IllegalArgumentException("--stalls must be in [0, 95], got " + stalls);
    }
    TrainRun.Scope scope = scope();
    Description description = DescriptionReader.read(file, noRtl ? null : UpdateModel::check);
    RunFolder.checkFree(out);
    ModelCache cache = noRtl ? null : ModelCache.open();
    Stalls pattern = stalls == 0 ? Stalls.NONE : new Stalls(stalls, stalls, 1);
    try (TrainRun run = new TrainRun(description, scope, cache, pattern);
        RunFolder folder = new RunFolder(out, description)) {
      TrainRun.stepWarning(description).ifPresent(w -> main.say("train: " + w));
      Duration toFirstStep = sinceStart();
      try (ProgressBar bar = Progress.bar("train", description.training().epochs(), " epochs", 1)) {
        run.run(
            row -> {
              folder.append(row);
              if (bar != null) {
                bar.step();
              }
            });
      }
      run.risk().ifPresent(r -> folder.risk(r, run.exactRisk().orElseThrow()));
      folder.summary(TrainSummary.tree(run, toFirstStep));
      Path page = ReportCommand.write(folder.folder());
      var text = main.text();
      if (json) {
        text.println(TrainSummary.json(run, toFirstStep));
      } else {
        text.print(TrainSummary.text(run, toFirstStep));
        text.println("  run folder    " + folder.folder());
        text.println("  report        " + page);
      }
      if (run.stopped().isPresent()) {
        TrainRun.Stopped stopped = run.stopped().get();
        if (!json) {
          stopped.difference().ifPresent(m -> text.print("\n" + m.report()));
        }
        text.flush();
        main.say("train stopped: " + stopped.reason());
        return stopped.difference().isPresent() ? Main.CHECK_FAILED : Main.BAD_INPUT;
      }
      if (run.twins().isPresent() && run.twins().get().compared() == 0) {
        text.flush();
        main.say("train: no word was compared");
        return Main.CHECK_FAILED;
      }
      if (run.quantized().diverged()) {
        text.flush();
        main.say(
            "train: "
                + TrainSummary.divergence(run)
                + "; a smaller training.step_size, or formats that saturate, keep it finite");
      }
      return Main.GOOD;
    }
  }

  private TrainRun.Scope scope() {
    if (!rtl.equals("update") && !rtl.equals("step")) {
      throw new IllegalArgumentException("--rtl must be update or step, got '" + rtl + "'");
    }
    if (noRtl) {
      return TrainRun.Scope.NONE;
    }
    return rtl.equals("step") ? TrainRun.Scope.STEP : TrainRun.Scope.UPDATE;
  }

  /** Since the process started, the launcher included. */
  private static Duration sinceStart() {
    try { // ProcessHandle is up to a second off on Linux, where it knows the boot in seconds only
      String self = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = self.substring(self.lastIndexOf(')') + 2).split(" ");
      String uptime = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
      double start = Long.parseLong(fields[19]) / 100.0; // field 22, in USER_HZ
      long millis = Math.round((Double.parseDouble(uptime) - start) * 1000);
      if (millis >= 0) {
        return Duration.ofMillis(millis);
      }
    } catch (IOException | RuntimeException e) {
      // not Linux
    }
    return ProcessHandle.current()
        .info()
        .startInstant()
        .map(start -> Duration.between(start, Instant.now()))
        .orElse(Duration.ZERO);
  }
}
