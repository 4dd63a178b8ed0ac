package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.input.Settings;
import org.halfulp.sweep.WorkerContraction.Point;
import org.halfulp.sweep.WorkerContraction.Row;

/** Rows of a {@link WorkerContraction}, one by one in its folder. */
public final class WorkerTable {
  private static final String[] COLUMNS = {
    "share",
    "bits",
    "rates",
    "levels",
    "bound",
    "bound_levels",
    "mean",
    "max",
    "overall",
    "saturated",
    "unfinished"
  };

  private final ExperimentFolder folder;
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param title of the problem: all that decides the rows beside the points
   * @param chosen what the user set
   */
  public WorkerTable(Path folder, String title, long seed, List<Point> points, Settings chosen) {
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("experiment", "workers");
    what.put("title", title);
    what.put("seed", seed);
    what.put("points", points.stream().map(p -> p.share().label() + " " + p.rate()).toList());
    chosen.describe(what);
    this.folder = new ExperimentFolder(folder, what, COLUMNS);
    this.folder.read(
        r -> {
          double rate = ExperimentFolder.number(r, "bits");
          Point point =
              points.stream()
                  .filter(p -> p.rate() == rate && p.share().label().equals(r.get("share")))
                  .findFirst()
                  .orElseThrow(() -> new IllegalArgumentException("an unknown point"));
          rows.add(
              new Row(
                  point,
                  numbers(r.get("rates")),
                  Arrays.stream(numbers(r.get("levels"))).mapToInt(x -> (int) x).toArray(),
                  ExperimentFolder.number(r, "bound"),
                  ExperimentFolder.number(r, "bound_levels"),
                  ExperimentFolder.number(r, "mean"),
                  ExperimentFolder.number(r, "max"),
                  ExperimentFolder.number(r, "overall"),
                  ExperimentFolder.number(r, "saturated"),
                  ExperimentFolder.number(r, "unfinished")));
        });
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  public boolean has(Point point) {
    return rows.stream().anyMatch(r -> r.point().equals(point));
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
            r.point().share().label(),
            r.point().rate(),
            r.rateText(),
            r.levelText(),
            r.bound(),
            r.boundOfLevels(),
            r.mean(),
            r.max(),
            r.overall(),
            r.saturated(),
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
