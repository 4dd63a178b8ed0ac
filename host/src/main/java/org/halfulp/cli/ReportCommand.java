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
      "Show what a run folder holds, as one HTML file that needs no network.",
      "",
      "Curves against the binary64 run, what was compared, the description, tables to sort and"
          + " take away as CSV, and where every number is from. 'halfulp train' writes it too."
    },
    footer = {
      "",
      "Exit: 0 written; 2 bad input.",
      "",
      "Example:",
      "  halfulp report runs/first --figures paper"
    })
final class ReportCommand implements Callable<Integer> {
  private static final String FILE = "report.html";

  @ParentCommand private Main main;

  @Parameters(paramLabel = "DIR", description = "A folder that 'halfulp train' wrote.")
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
          "%s is %s; give a folder that 'halfulp train' wrote"
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
    throw new InputException(
        "%s holds no history.csv, so it is no run's folder; give one that 'halfulp train' wrote"
            .formatted(folder));
  }
}
