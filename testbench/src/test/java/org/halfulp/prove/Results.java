package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.Field;

/** A file with a line for each {@link Row}; a new row replaces the one that it repeats. */
final class Results {
  private static final String HEAD =
      "unit,formats,mode,how,cases,compared,differing,seconds,source,note";
  private static final int COLUMNS = HEAD.split(",").length;

  private final Path file;

  Results(Path file) {
    this.file = file;
  }

  /** How a cell was checked, the strongest first. */
  enum How {
    PROVED,
    EXHAUSTED,
    SAMPLED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param formats of operands and result, as {@code halfulp} prints them
   * @param cases inputs that were covered: {@code 2^16}
   * @param compared words in the simulator
   * @param seconds of CPU time, builds not counted
   * @param source {@link Source} of what was checked
   * @param note what went wrong; empty if nothing did
   */
  record Row(
      String unit,
      String formats,
      String mode,
      How how,
      String cases,
      long compared,
      long differing,
      double seconds,
      String source,
      String note) {

    static Row proved(ElementwiseUnit unit, double seconds, String source) {
      String from = unit.operands().get(0).format().orElseThrow().name();
      String to = unit.to().name();
      int bits = unit.operands().stream().mapToInt(Field::width).sum() + (unit.subtracts() ? 1 : 0);
      return new Row(
          unit.name(),
          from.equals(to) ? from : from + " -> " + to,
          unit.mode().orElseThrow().label(),
          How.PROVED,
          "2^" + bits,
          0,
          0,
          seconds,
          source,
          "");
    }

    boolean isGood() {
      return differing == 0 && note.isEmpty() && (how == How.PROVED || compared > 0);
    }

    private static Row of(String line) {
      String[] c = line.split(",", -1);
      if (c.length != COLUMNS) {
        throw new IllegalArgumentException("'%s' is not %s".formatted(line, HEAD));
      }
      return new Row(
          c[0],
          c[1],
          c[2],
          How.valueOf(c[3].toUpperCase(Locale.ROOT)),
          c[4],
          Long.parseLong(c[5]),
          Long.parseLong(c[6]),
          Double.parseDouble(c[7]),
          c[8],
          c[9]);
    }

    private String line() {
      return String.format(
          Locale.ROOT,
          "%s,%s,%s,%s,%s,%d,%d,%.3f,%s,%s",
          unit,
          formats,
          mode,
          how,
          cases,
          compared,
          differing,
          seconds,
          source,
          note.replace(',', ';').replace('\n', ' '));
    }

    private boolean repeats(Row r) {
      return r.unit.equals(unit)
          && r.formats.equals(formats)
          && r.mode.equals(mode)
          && (r.how == How.PROVED) == (how == How.PROVED);
    }
  }

  /** Rows of the file; none if there is no file. */
  synchronized List<Row> rows() throws IOException {
    if (Files.notExists(file)) {
      return new ArrayList<>();
    }
    return Files.readAllLines(file).stream()
        .filter(l -> !l.equals(HEAD))
        .map(Row::of)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  synchronized void add(Row row) throws IOException {
    List<Row> rows = rows();
    rows.removeIf(row::repeats);
    rows.add(row);
    List<String> lines = new ArrayList<>(rows.stream().map(Row::line).sorted().toList());
    lines.add(0, HEAD);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path draft = Path.of(file + ".new");
    Files.write(draft, lines);
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
