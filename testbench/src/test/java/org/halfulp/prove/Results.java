package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.Field;

/** Lines of {@code unit,formats,mode,how,cases,seconds}; a new line replaces the one it repeats. */
final class Results {
  private final Path file;

  Results(Path file) {
    this.file = file;
  }

  /**
   * @param formats of operands and result, as {@code halfulp} prints them
   * @param how proved, exhausted or sampled
   * @param cases inputs that were covered
   * @param seconds of CPU time
   */
  record Row(String unit, String formats, String mode, String how, String cases, double seconds) {

    static Row proved(ElementwiseUnit unit, double seconds) {
      String from = unit.operands().get(0).format().orElseThrow().name();
      String to = unit.to().name();
      int bits = unit.operands().stream().mapToInt(Field::width).sum() + (unit.subtracts() ? 1 : 0);
      return new Row(
          unit.name(),
          from.equals(to) ? from : from + " -> " + to,
          unit.mode().orElseThrow().label(),
          "proved",
          "2^" + bits,
          seconds);
    }

    private String key() {
      return String.join(",", unit, formats, mode, how) + ",";
    }
  }

  synchronized void add(Row row) throws IOException {
    List<String> lines = new ArrayList<>();
    if (Files.exists(file)) {
      lines.addAll(Files.readAllLines(file));
    } else {
      Files.createDirectories(file.toAbsolutePath().getParent());
    }
    lines.removeIf(l -> l.startsWith(row.key()));
    lines.add(String.format(Locale.ROOT, "%s%s,%.2f", row.key(), row.cases(), row.seconds()));
    lines.sort(null);
    Files.write(file, lines);
  }
}
