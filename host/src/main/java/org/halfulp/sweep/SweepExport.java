package org.halfulp.sweep;

import blue.strategic.parquet.ParquetWriter;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.halfulp.input.InputException;

/** A sweep's points as a table in a file, a row a point; the file has its name when it is whole. */
public final class SweepExport {
  private static final Set<String> COUNTS =
      Set.of(
          "number",
          "seeds",
          "trained",
          "failed",
          "state_bits",
          "compared",
          "distinct",
          "differing");

  private static final String ESTIMATE_ERROR = "_estimate_error";
  private static final String SPREAD = "_spread";

  private SweepExport() {}

  /**
   * Writes the latest sweep of a store.
   *
   * @param folder of the store, for commands
   * @return how many points there are
   */
  public static long write(SweepStore store, Path folder, Path to) {
    SweepStore.Sweep sweep =
        store.latest().orElseThrow(() -> new InputException(folder + ": no sweep was begun here"));
    String name = to.getFileName() == null ? "" : to.getFileName().toString();
    Format format =
        name.endsWith(".csv")
            ? SweepExport::csv
            : name.endsWith(".jsonl")
                ? SweepExport::lines
                : name.endsWith(".parquet") ? SweepExport::parquet : null;
    if (format == null) {
      throw new InputException("--to must end in .csv, .jsonl or .parquet, got " + to);
    }
    Path draft = to.resolveSibling(name + ".tmp");
    try {
      long rows = format.write(store, sweep, folder, draft);
      Files.move(draft, to, StandardCopyOption.ATOMIC_MOVE);
      return rows;
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(
          "%s cannot be written: %s"
              .formatted(
                  to,
                  RunFolder.why(
                      e instanceof UncheckedIOException u ? u.getCause() : (IOException) e)));
    } finally {
      try {
        Files.deleteIfExists(draft); // a part takes the room of a full disk
      } catch (IOException e) {
        // it stays
      }
    }
  }

  private interface Format {
    long write(SweepStore store, SweepStore.Sweep sweep, Path folder, Path to) throws IOException;
  }

  private static long lines(SweepStore store, SweepStore.Sweep sweep, Path folder, Path to)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    AtomicLong rows = new AtomicLong();
    try (BufferedWriter out = Files.newBufferedWriter(to)) {
      store.results(
          sweep.id(),
          r -> {
            try {
              out.write(json.writeValueAsString(SweepTable.tree(folder, r)));
              out.write('\n');
              rows.incrementAndGet();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return rows.get();
  }

  private static long csv(SweepStore store, SweepStore.Sweep sweep, Path folder, Path to)
      throws IOException {
    List<String> columns = columns(store, sweep);
    AtomicLong rows = new AtomicLong();
    CSVFormat format =
        CSVFormat.DEFAULT
            .builder()
            .setHeader(columns.toArray(String[]::new))
            .setRecordSeparator("\n")
            .get();
    try (CSVPrinter out = new CSVPrinter(Files.newBufferedWriter(to), format)) {
      store.results(
          sweep.id(),
          r -> {
            Map<String, Object> row = row(folder, r);
            try {
              out.printRecord(columns.stream().map(row::get).toList());
              rows.incrementAndGet();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return rows.get();
  }

  /** Numbers where the column has numbers, a row group after the other. */
  private static long parquet(SweepStore store, SweepStore.Sweep sweep, Path folder, Path to)
      throws IOException {
    List<String> columns = columns(store, sweep);
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (String name : columns) {
      if (COUNTS.contains(name)) {
        schema.optional(PrimitiveTypeName.INT64).named(name);
      } else if (name.equals("verified")) {
        schema.optional(PrimitiveTypeName.BOOLEAN).named(name);
      } else if (isText(sweep, name)) {
        schema
            .optional(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named(name);
      } else {
        schema.optional(PrimitiveTypeName.DOUBLE).named(name);
      }
    }
    AtomicLong rows = new AtomicLong();
    Files.deleteIfExists(to);
    try (ParquetWriter<Map<String, Object>> out =
        ParquetWriter.writeFile(
            schema.named("points"),
            to.toFile(),
            (row, values) ->
                columns.forEach(
                    c -> {
                      Object value = row.get(c);
                      if (value != null) {
                        values.write(
                            c, COUNTS.contains(c) ? (Object) ((Number) value).longValue() : value);
                      }
                    }))) {
      store.results(
          sweep.id(),
          r -> {
            try {
              out.write(row(folder, r));
              rows.incrementAndGet();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return rows.get();
  }

  private static boolean isText(SweepStore.Sweep sweep, String column) {
    return List.of("point", "problem", "command").contains(column)
        || SweepStore.parameters(sweep).contains(column);
  }

  /** All columns that any point has. */
  private static List<String> columns(SweepStore store, SweepStore.Sweep sweep) {
    Set<String> settings = new LinkedHashSet<>();
    Set<String> figures = new LinkedHashSet<>();
    Set<String> estimated = new HashSet<>();
    Set<String> spread = new HashSet<>();
    store.results(
        sweep.id(),
        r -> {
          settings.addAll(r.point().settings().keySet());
          r.figures()
              .forEach(
                  (name, f) -> {
                    figures.add(name);
                    if (f.isEstimate()) {
                      estimated.add(name);
                    }
                    if (f.spread() > 0) {
                      spread.add(name);
                    }
                  });
        });
    List<String> columns = new ArrayList<>(List.of("point", "number"));
    columns.addAll(settings);
    columns.addAll(List.of("seeds", "trained", "failed"));
    for (Metric m : Metric.ofTraining()) {
      columns.add(m.column());
      columns.add(m.column() + "_interval95");
    }
    columns.addAll(List.of("state_bits", "verified", "compared", "distinct", "differing"));
    for (String name : figures) {
      columns.add(name);
      if (spread.contains(name)) {
        columns.add(name + SPREAD);
      }
      if (estimated.contains(name)) {
        columns.add(name + ESTIMATE_ERROR);
      }
    }
    columns.addAll(List.of("problem", "command"));
    return columns;
  }

  private static Map<String, Object> row(Path folder, SweepStore.Result r) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("point", r.point().id());
    row.put("number", r.point().number());
    row.putAll(r.point().settings());
    row.put("seeds", r.members().size());
    row.put("trained", r.trained());
    row.put("failed", r.bad());
    r.losses()
        .forEach(
            (name, e) -> {
              row.put(name, real(e.mean()));
              row.put(name + "_interval95", real(e.halfWidth()));
            });
    row.put("state_bits", r.point().stateBits() < 0 ? null : r.point().stateBits());
    row.put("verified", r.isVerified());
    r.verification()
        .ifPresent(
            v -> {
              row.put("compared", v.compared());
              row.put("distinct", v.distinct() < 0 ? null : v.distinct());
              row.put("differing", v.differing());
            });
    r.figures()
        .forEach(
            (name, f) -> {
              row.put(name, real(f.value()));
              row.put(name + SPREAD, real(f.spread()));
              row.put(name + ESTIMATE_ERROR, real(f.error()));
            });
    row.put("problem", r.point().problem().or(r::trainingProblem).orElse(null));
    row.put("command", SweepTable.command(folder, r));
    return row;
  }

  private static Double real(double x) {
    return Double.isNaN(x) ? null : x;
  }
}
