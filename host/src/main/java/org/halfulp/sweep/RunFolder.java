package org.halfulp.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionWriter;
import org.halfulp.input.InputException;
import org.halfulp.learn.Training;

/**
 * The folder of one run: {@code description.yaml} with every default spelled out, {@code
 * history.csv} with a line an epoch as soon as it is known, {@code summary.json} at the end, and
 * {@code risk.csv} where there is a theory of the run.
 */
public final class RunFolder implements AutoCloseable {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String[] COLUMNS = {
    "epoch",
    "steps",
    "train_loss",
    "test_loss",
    "average_train_loss",
    "average_test_loss",
    "binary64_train_loss",
    "binary64_test_loss",
    "binary64_average_train_loss",
    "binary64_average_test_loss"
  };

  private final Path folder;
  private final CSVPrinter history;

  /**
   * Makes the folder.
   *
   * @param wanted the folder, which must not exist or be empty; null for {@code runs/<name>-<time>}
   */
  public RunFolder(Path wanted, Description description) {
    try {
      folder = wanted == null ? fresh(description.name()) : named(wanted);
      // first what only one of two runs can make
      BufferedWriter out =
          Files.newBufferedWriter(folder.resolve("history.csv"), StandardOpenOption.CREATE_NEW);
      write(folder, "description.yaml", DescriptionWriter.write(description));
      history =
          new CSVPrinter(
              out, CSVFormat.DEFAULT.builder().setHeader(COLUMNS).setRecordSeparator("\n").get());
      history.flush();
    } catch (IOException e) {
      throw new InputException(
          "the run folder %s cannot be written (%s); choose another with --out"
              .formatted(wanted == null ? "runs/" : wanted, why(e)));
    }
  }

  /**
   * Refuses a folder that holds something, before anything expensive.
   *
   * @param wanted as for the constructor
   */
  public static void checkFree(Path wanted) {
    if (wanted == null || !Files.exists(wanted)) {
      return;
    }
    if (!Files.isDirectory(wanted)) {
      throw new InputException("%s is not a folder; choose another with --out".formatted(wanted));
    }
    try (var files = Files.list(wanted)) {
      if (files.findAny().isPresent()) {
        throw new InputException(
            "the run folder %s is not empty; choose another with --out"
                .formatted(wanted.toAbsolutePath()));
      }
    } catch (IOException e) {
      throw new InputException(
          "the run folder %s cannot be read (%s); choose another with --out"
              .formatted(wanted, why(e)));
    }
  }

  /** What the system says, without the class of the exception. */
  static String why(IOException e) {
    if (e instanceof FileSystemException f) {
      String reason =
          f.getReason() != null
              ? f.getReason()
              : f instanceof AccessDeniedException
                  ? "access denied"
                  : f instanceof NoSuchFileException
                      ? "no such folder"
                      : f instanceof FileAlreadyExistsException ? "exists" : "refused";
      return f.getFile() + ": " + reason;
    }
    return String.valueOf(e.getMessage());
  }

  private static Path fresh(String name) throws IOException {
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    Path runs = Files.createDirectories(Path.of("runs"));
    for (int i = 1; ; i++) {
      try {
        return Files.createDirectory(runs.resolve(name + "-" + time + (i == 1 ? "" : "-" + i)));
      } catch (FileAlreadyExistsException e) {
        // two runs in one second
      }
    }
  }

  private static Path named(Path wanted) throws IOException {
    checkFree(wanted);
    return Files.createDirectories(wanted);
  }

  public Path folder() {
    return folder;
  }

  /** Appends an epoch; it is in the file when this returns. */
  public void append(TrainRun.Row row) {
    Training.Epoch q = row.quantized();
    Training.Epoch x = row.exact();
    try {
      history.printRecord(
          q.epoch(),
          q.steps(),
          q.trainLoss(),
          cell(row.tested(), q.testLoss()),
          cell(row.averaged(), q.averageTrainLoss()),
          cell(row.tested() && row.averaged(), q.averageTestLoss()),
          x.trainLoss(),
          cell(row.tested(), x.testLoss()),
          cell(row.averaged(), x.averageTrainLoss()),
          cell(row.tested() && row.averaged(), x.averageTestLoss()));
      history.flush();
    } catch (IOException e) {
      throw new InputException("history.csv in %s cannot be written: %s".formatted(folder, why(e)));
    }
  }

  /** Empty where there is no such loss; one that is NaN says so. */
  private static Object cell(boolean exists, double x) {
    return exists ? x : "";
  }

  /** Writes {@code risk.csv}: excess risk, measured and in theory. */
  public void risk(RiskCurve quantized, RiskCurve exact) {
    StringBuilder text = new StringBuilder("steps");
    for (String run : List.of("", "binary64_")) {
      for (String column : List.of("last", "average", "last_theory", "average_theory")) {
        text.append(',').append(run).append(column);
      }
    }
    text.append('\n');
    int n = Math.min(quantized.rows().size(), exact.rows().size()); // one may have diverged
    for (int i = 0; i < n; i++) {
      RiskCurve.Row q = quantized.rows().get(i);
      text.append(q.steps());
      for (RiskCurve.Row r : List.of(q, exact.rows().get(i))) {
        for (double x :
            new double[] {r.last(), r.average(), r.lastInTheory(), r.averageInTheory()}) {
          text.append(',').append(x);
        }
      }
      text.append('\n');
    }
    try {
      write(folder, "risk.csv", text.toString());
    } catch (IOException e) {
      throw new InputException("risk.csv in %s cannot be written: %s".formatted(folder, why(e)));
    }
  }

  /** Writes {@code summary.json}. */
  public void summary(Map<String, Object> summary) {
    try {
      write(folder, "summary.json", json(summary) + "\n");
    } catch (IOException e) {
      throw new InputException(
          "summary.json in %s cannot be written: %s".formatted(folder, why(e)));
    }
  }

  static String json(Object tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a file of {@code folder} that has its name when it is whole. */
  public static void write(Path folder, String name, String text) throws IOException {
    Path draft = folder.resolve(name + ".tmp"); // not createTempFile: its files are private
    try {
      Files.writeString(draft, text);
      Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(draft); // a part of it takes the room of a full disk
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      history.close();
    } catch (IOException e) {
      throw new InputException("history.csv in %s cannot be written: %s".formatted(folder, why(e)));
    }
  }
}
