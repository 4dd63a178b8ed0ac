package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.input.InputException;
import org.halfulp.input.Settings;
import org.halfulp.sim.Hash;
import org.halfulp.sweep.ContractionTable.Row;
import org.halfulp.sweep.ContractionTable.Setting;

/** A {@link ContractionTable} for some settings, row by row in its folder. */
public final class DescentTable {
  // levels are empty without quantization
  private static final String[] COLUMNS = {
    "method", "levels", "bound", "mean", "max", "saturated", "overload", "unfinished"
  };

  private final ExperimentFolder folder;
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param matrix the values of the one matrix; empty: drawn as the title says
   * @param chosen what the user set
   * @throws InputException if the folder holds something else or cannot be written
   */
  public DescentTable(
      Path folder,
      String name,
      String title,
      double[] matrix,
      long seed,
      List<Setting> settings,
      Settings chosen) {
    Hash hash = new Hash();
    for (double v : matrix) {
      hash.add(Double.toString(v));
    }
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("experiment", name);
    what.put("title", title);
    what.put("matrix", matrix.length == 0 ? "drawn" : hash.hex());
    what.put("seed", seed);
    what.put("points", settings.stream().map(DescentTable::name).toList());
    chosen.describe(what);
    this.folder = new ExperimentFolder(folder, what, COLUMNS);
    this.folder.read(
        r -> {
          String point = r.get("method") + " " + r.get("levels");
          Setting setting =
              settings.stream()
                  .filter(s -> name(s).equals(point))
                  .findFirst()
                  .orElseThrow(() -> new IllegalArgumentException("an unknown point"));
          rows.add(
              new Row(
                  setting,
                  ExperimentFolder.number(r, "bound"),
                  ExperimentFolder.number(r, "mean"),
                  ExperimentFolder.number(r, "max"),
                  ExperimentFolder.number(r, "saturated"),
                  ExperimentFolder.number(r, "overload"),
                  ExperimentFolder.number(r, "unfinished")));
        });
  }

  private static String name(Setting s) {
    return s.label() + " " + s.levels().map(String::valueOf).orElse("");
  }

  public boolean has(Setting setting) {
    return rows.stream().anyMatch(r -> r.setting().equals(setting));
  }

  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** Adds a row, which is in the file when this returns. */
  public void add(Row row) {
    rows.add(row);
    folder.write(cells());
  }

  private List<Object[]> cells() {
    List<Object[]> all = new ArrayList<>();
    for (Row r : rows) {
      all.add(
          new Object[] {
            r.setting().label(),
            r.setting().levels().orElse(null),
            r.bound(),
            r.mean(),
            r.max(),
            r.saturated(),
            r.overload(),
            r.unfinished()
          });
    }
    return all;
  }

  /** The table as JSON, a list of objects with the columns of the CSV. */
  public String json() {
    return folder.json(cells());
  }

  /** A finished file beside the table. */
  public void file(String name, String text) {
    folder.file(name, text);
  }
}
