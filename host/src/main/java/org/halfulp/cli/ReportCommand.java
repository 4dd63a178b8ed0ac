package org.halfulp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.halfulp.input.InputException;
import org.halfulp.report.Figure;
import org.halfulp.report.Page;
import org.halfulp.report.Picture;
import org.halfulp.sweep.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp report}: what a folder holds, as a page. */
@Command(
    name = "report",
    description = {
      "Show what a folder of 'train' or 'sweep' holds, as one HTML file, offline.",
      "",
      "A training run: curves against the binary64 run, what was compared, the weights."
          + " 'halfulp train' writes it too.",
      "A sweep, while it runs too: the Pareto front (a click on a point copies the command that"
          + " reproduces it), loss by exponent and fraction bits, which parameter matters, curves,"
          + " all points across their parameters.",
      "Tables can be sorted and taken away as CSV; every figure says where it is from."
    },
    footer = {
      "",
      "Exit: 0 written; 2 bad input.",
      "",
      "Example:",
      "  halfulp report runs/first",
      "  halfulp report runs/formats --figures paper"
    })
final class ReportCommand implements Callable<Integer> {
  private static final String FILE = "report.html";

  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "DIR",
      description = "A folder that 'halfulp train' or 'halfulp sweep' wrote.")
  private Path folder;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The page, replaced if it exists. Default: DIR/report.html.")
  private Path out;

  @Option(
      names = "--figures",
      paramLabel = "DIR",
      description = "Also write each figure there, as SVG and PNG.")
  private Path figures;

  @Override
  public Integer call() {
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "%s is %s; give a folder that 'halfulp train' or 'sweep' wrote"
              .formatted(folder, Files.exists(folder) ? "no folder" : "not there"));
    }
    Path file = out == null ? folder.resolve(FILE) : out;
    try {
      Page page = page(folder);
      write(file, page.html());
      main.text().println("report   " + file);
      if (figures != null) {
        Files.createDirectories(figures);
        for (Figure figure : page.figures()) {
          draw(figure);
        }
      }
      return Main.GOOD;
    } catch (IOException e) {
      throw broken(folder, e);
    }
  }

  private void draw(Figure figure) throws IOException {
    if (figure.isEmpty()) {
      main.say("report: no file for '%s': %s".formatted(figure.title(), figure.empty()));
      return;
    }
    String svg = Picture.svg(figure);
    RunFolder.write(figures, figure.id() + ".svg", svg);
    Files.write(figures.resolve(figure.id() + ".png"), Picture.png(svg));
    main.text().println("figure   " + figures.resolve(figure.id()) + ".svg, .png");
  }

  private static InputException broken(Path folder, IOException e) {
    return new InputException(
        "the report of %s cannot be made: %s".formatted(folder, e.getMessage()));
  }

  /** As a shell takes it. */
  static String quoted(Path path) {
    String text = path.toString();
    return text.matches("[\\w./+=:,-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  /** Writes {@code report.html} into a run's folder. */
  static Path write(Path folder) {
    try {
      Path file = folder.resolve(FILE);
      write(file, page(folder).html());
      return file;
    } catch (IOException e) {
      throw broken(folder, e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Path whole = file.toAbsolutePath();
    RunFolder.write(whole.getParent(), whole.getFileName().toString(), text);
  }

  private static Page page(Path folder) throws IOException {
    if (RunPage.isRun(folder)) {
      return RunPage.of(folder);
    }
    if (SweepPage.isSweep(folder)) {
      Page page = SweepPage.of(folder);
      if (page == null) {
        throw new InputException(
            folder + " holds a store without a sweep; run 'halfulp sweep' first");
      }
      return page;
    }
    throw new InputException(
        "%s holds no history.csv or sweep.db; give a folder that 'halfulp train' or 'sweep' wrote"
            .formatted(folder));
  }
}
